import { bytesToHex, type Hex, hexToBytes } from "viem";
import { keccak } from "./keccak.ts";
import { finish, type Steps } from "./steps.ts";

/** All levels of a tree, leaves first. A level is one array with 32 bytes a node; the last has one node. */
export interface MerkleTree {
  readonly levels: readonly Uint8Array[];
}

const nodeBytes = 32;

/** Nodes from one pause of a tree that is built in steps to the next: less than a millisecond's. */
const nodesAStep = 512;

/** Root of a tree without leaves. */
export const emptyRoot: Hex = `0x${"00".repeat(nodeBytes)}`;

const pair = new Uint8Array(2 * nodeBytes);

/** keccak256 of two nodes, the smaller one first; written to `target` at `index`. */
function hashPair(level: Uint8Array, left: number, target: Uint8Array, index: number): void {
  const a = left * nodeBytes;
  const b = a + nodeBytes;
  let order = 0;
  for (let byte = 0; byte < nodeBytes && order === 0; byte++) order = (level[a + byte] ?? 0) - (level[b + byte] ?? 0);
  if (order <= 0) pair.set(level.subarray(a, b + nodeBytes));
  else {
    pair.set(level.subarray(b, b + nodeBytes));
    pair.set(level.subarray(a, b), nodeBytes);
  }
  target.set(keccak(pair), index * nodeBytes);
}

function computeParent(level: Uint8Array, next: Uint8Array, parent: number): void {
  const left = 2 * parent;
  // A node without a sibling moves up as it is.
  if ((left + 1) * nodeBytes === level.length) next.set(level.subarray(left * nodeBytes), parent * nodeBytes);
  else hashPair(level, left, next, parent);
}

/**
 * Builds the tree over leaf hashes.
 *
 * With `previous`, a tree over as many leaves, only what lies above leaves that differ is hashed again. The result is
 * the same either way.
 *
 * @param leaves Concatenated hashes, 32 bytes each, in their final order; taken over, not copied.
 */
export function buildTree(leaves: Uint8Array, previous?: MerkleTree): MerkleTree {
  return finish(treeSteps(leaves, previous));
}

/** `buildTree` in steps. */
export function* treeSteps(leaves: Uint8Array, previous?: MerkleTree): Steps<MerkleTree> {
  const levels = [leaves];
  let level = leaves;
  const old = previous?.levels[0]?.length === leaves.length ? previous.levels : undefined;
  for (let height = 0; level.length > nodeBytes; height++) {
    const parents = Math.ceil(level.length / nodeBytes / 2);
    const next = new Uint8Array(parents * nodeBytes);
    const oldLevel = old?.[height];
    const oldNext = old?.[height + 1];
    for (let parent = 0; parent < parents; parent++) {
      if (parent % nodesAStep === 0) yield;
      const start = 2 * parent * nodeBytes;
      if (oldLevel && oldNext && sameBytes(level, oldLevel, start, start + 2 * nodeBytes)) {
        next.set(oldNext.subarray(parent * nodeBytes, (parent + 1) * nodeBytes), parent * nodeBytes);
      } else computeParent(level, next, parent);
    }
    levels.push(next);
    level = next;
  }
  return { levels };
}

function sameBytes(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  const stop = Math.min(end, a.length);
  for (let byte = start; byte < stop; byte++) if (a[byte] !== b[byte]) return false;
  return true;
}

/** The tree over leaf hashes in hex, for few leaves. */
export function treeOf(leaves: readonly Hex[]): MerkleTree {
  const bytes = new Uint8Array(leaves.length * nodeBytes);
  leaves.forEach((leaf, index) => {
    bytes.set(hexToBytes(leaf), index * nodeBytes);
  });
  return buildTree(bytes);
}

/** keccak256 of two nodes, the smaller one first. */
export function parentOf(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * nodeBytes);
  both.set(a);
  both.set(b, nodeBytes);
  const parent = new Uint8Array(nodeBytes);
  hashPair(both, 0, parent, 0);
  return parent;
}

/** The root; zero for a tree without leaves. */
export function rootOf(tree: MerkleTree): Hex {
  const top = tree.levels.at(-1);
  return top === undefined || top.length === 0 ? emptyRoot : bytesToHex(top);
}

/** The siblings on the way from a leaf to the root. */
export function proofOf(tree: MerkleTree, leafIndex: number): Hex[] {
  const proof: Hex[] = [];
  let index = leafIndex;
  for (const level of tree.levels.slice(0, -1)) {
    const sibling = (index ^ 1) * nodeBytes;
    if (sibling < level.length) proof.push(bytesToHex(level.subarray(sibling, sibling + nodeBytes)));
    index >>= 1;
  }
  return proof;
}

/**
 * Whether a leaf hash lies under a root, as contracts check it.
 * @example verifyProof(rootOf(tree), leaf, proofOf(tree, 0)) // true
 */
export function verifyProof(root: Hex, leaf: Hex, proof: readonly Hex[]): boolean {
  let node = hexToBytes(leaf);
  for (const sibling of proof) node = parentOf(node, hexToBytes(sibling));
  return bytesToHex(node) === root.toLowerCase();
}
