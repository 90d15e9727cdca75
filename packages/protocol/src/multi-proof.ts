import { bytesToHex, type Hex, hexToBytes } from "viem";
import { type MerkleTree, parentOf } from "./merkle.ts";

/** One proof for several leaves of a tree, as `MultiProof` of the contracts walks it. */
export interface MultiProof {
  readonly siblings: readonly Hex[];
  /** One byte a step: 0 hashes the two nodes on top of the stack, 255 pushes the next leaf, n hashes n siblings. */
  readonly steps: Hex;
}

const nodeBytes = 32;
const mergeStep = 0;
const pushStep = 255;
const mostSiblingsAStep = 254;

/**
 * Proves several leaves at once: what they have in common, and what they give themselves, is not sent.
 * @param leafIndices Ascending and distinct.
 * @example verifyMultiProof(rootOf(tree), [first, third], multiProofOf(tree, [0, 2])) // true
 */
export function multiProofOf({ levels }: MerkleTree, leafIndices: readonly number[]): MultiProof {
  const siblings: Hex[] = [];
  const steps: number[] = [];
  if (leafIndices.length > 0) walk(levels.length - 1, 0, 0, leafIndices.length);
  return { siblings, steps: bytesToHex(Uint8Array.from(steps)) };

  /** The node `index` of the level `height`, under which lie the leaves `from` to `end` of those wanted. */
  function walk(height: number, index: number, from: number, end: number): void {
    if (height === 0) {
      steps.push(pushStep);
      return;
    }
    const left = 2 * index;
    const firstOnTheRight = (left + 1) * 2 ** (height - 1);
    let middle = from;
    while (middle < end && (leafIndices[middle] as number) < firstOnTheRight) middle++;
    if (middle > from) walk(height - 1, left, from, middle);
    if (end > middle) walk(height - 1, left + 1, middle, end);
    if (middle > from && end > middle) steps.push(mergeStep);
    else climb(height - 1, middle > from ? left + 1 : left);
  }

  function climb(height: number, sibling: number): void {
    const level = levels[height] as Uint8Array;
    const at = sibling * nodeBytes;
    // A node without a sibling moves up as it is.
    if (at === level.length) return;
    siblings.push(bytesToHex(level.subarray(at, at + nodeBytes)));
    const last = steps.at(-1) as number;
    if (last === pushStep || last === mergeStep || last === mostSiblingsAStep) steps.push(1);
    else steps[steps.length - 1] = last + 1;
  }
}

/** Whether leaf hashes, from the left of the tree to the right, lie under a root, as contracts check it. */
export function verifyMultiProof(root: Hex, leaves: readonly Hex[], { siblings, steps }: MultiProof): boolean {
  const stack: Uint8Array[] = [];
  let [leaf, sibling] = [0, 0];
  for (const step of hexToBytes(steps)) {
    if (step === pushStep) {
      const next = leaves[leaf++];
      if (next === undefined) return false;
      stack.push(hexToBytes(next));
      continue;
    }
    let node = stack.pop();
    if (node === undefined) return false;
    if (step === mergeStep) {
      const other = stack.pop();
      if (other === undefined) return false;
      node = parentOf(node, other);
    }
    for (let times = 0; times < step; times++) {
      const next = siblings[sibling++];
      if (next === undefined) return false;
      node = parentOf(node, hexToBytes(next));
    }
    stack.push(node);
  }
  const [top] = stack;
  const all = stack.length === 1 && leaf === leaves.length && sibling === siblings.length;
  return all && top !== undefined && bytesToHex(top) === root.toLowerCase();
}
