import fc from "fast-check";
import { bytesToHex, type Hex } from "viem";
import { describe, expect, test } from "vitest";
import { proofOf, rootOf, treeOf } from "./merkle.ts";
import { multiProofOf, verifyMultiProof } from "./multi-proof.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes));
/** A tree of distinct leaves, and some of them. */
const chosen = fc
  .uniqueArray(hash, { minLength: 1, maxLength: 70 })
  .chain((leaves) => fc.tuple(fc.constant(leaves), fc.subarray([...leaves.keys()], { minLength: 1 })));

describe("multiProofOf", () => {
  test("default: proves any leaves of any tree, and nothing is sent twice", () => {
    fc.assert(
      fc.property(chosen, ([leaves, indices]) => {
        const tree = treeOf(leaves);
        const proof = multiProofOf(tree, indices);
        const wanted = indices.map((index) => leaves[index] as Hex);
        expect(verifyMultiProof(rootOf(tree), wanted, proof)).toBe(true);
        const apart = new Set(indices.flatMap((index) => proofOf(tree, index)));
        expect(proof.siblings.length).toBeLessThanOrEqual(apart.size);
      }),
    );
  });

  test("behavior: one leaf's proof is its siblings", () => {
    const leaves = Array.from({ length: 300 }, (_, index): Hex => `0x${(index + 1).toString(16).padStart(64, "0")}`);
    const tree = treeOf(leaves);
    expect(multiProofOf(tree, [200])).toEqual({ siblings: proofOf(tree, 200), steps: "0xff09" });
  });

  test("behavior: another leaf, order, sibling or step is no proof", () => {
    fc.assert(
      fc.property(chosen, hash, fc.nat(), fc.nat(255), ([leaves, indices], stranger, at, step) => {
        const tree = treeOf(leaves);
        const root = rootOf(tree);
        const proof = multiProofOf(tree, indices);
        const wanted = indices.map((index) => leaves[index] as Hex);
        fc.pre(!leaves.includes(stranger));
        const strange = wanted.map((leaf, index) => (index === at % wanted.length ? stranger : leaf));
        expect(verifyMultiProof(root, strange, proof)).toBe(false);
        expect(verifyMultiProof(root, [...wanted, stranger], proof)).toBe(false);
        expect(verifyMultiProof(root, wanted, { ...proof, siblings: [...proof.siblings, stranger] })).toBe(false);
        const bytes = Uint8Array.from(Buffer.from(proof.steps.slice(2), "hex"));
        const index = at % bytes.length;
        fc.pre(bytes[index] !== step);
        bytes[index] = step;
        expect(verifyMultiProof(root, wanted, { ...proof, steps: bytesToHex(bytes) })).toBe(false);
      }),
    );
  });

  test("behavior: nothing proves nothing", () => {
    const tree = treeOf([`0x${"11".repeat(32)}`]);
    expect(multiProofOf(tree, [])).toEqual({ siblings: [], steps: "0x" });
    expect(verifyMultiProof(rootOf(tree), [], multiProofOf(tree, []))).toBe(false);
  });
});
