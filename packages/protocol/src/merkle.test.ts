import fc from "fast-check";
import { bytesToHex, concatHex, type Hex, keccak256 } from "viem";
import { expect, test } from "vitest";
import { buildTree, emptyRoot, proofOf, rootOf, treeOf, verifyProof } from "./merkle.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes));
const leaves = fc.array(hash, { minLength: 1, maxLength: 40 });

/** The specification, read aloud. */
function plainRoot(nodes: readonly Hex[]): Hex {
  if (nodes.length === 1) return nodes[0] as Hex;
  const parents: Hex[] = [];
  for (let index = 0; index < nodes.length; index += 2) {
    const pair = nodes.slice(index, index + 2).sort();
    parents.push(pair.length === 2 ? keccak256(concatHex(pair)) : (pair[0] as Hex));
  }
  return plainRoot(parents);
}

test("default: the root is the one of the specification", () => {
  fc.assert(
    fc.property(leaves, (hashes) => {
      expect(rootOf(treeOf(hashes))).toBe(plainRoot(hashes));
    }),
  );
  expect(rootOf(treeOf([]))).toBe(emptyRoot);
});

test("behavior: every leaf is proven, and nothing else", () => {
  fc.assert(
    fc.property(leaves, hash, (hashes, stranger) => {
      const tree = treeOf(hashes);
      for (const [index, leaf] of hashes.entries()) {
        const proof = proofOf(tree, index);
        expect(verifyProof(rootOf(tree), leaf, proof)).toBe(true);
        if (!hashes.includes(stranger)) expect(verifyProof(rootOf(tree), stranger, proof)).toBe(false);
      }
    }),
  );
});

test("behavior: rebuilding what changed gives the same tree", () => {
  fc.assert(
    fc.property(leaves, fc.array(fc.tuple(fc.nat(), hash), { maxLength: 4 }), (hashes, changes) => {
      const changed = [...hashes];
      for (const [at, leaf] of changes) changed[at % hashes.length] = leaf;
      const bytes = Uint8Array.from(treeOf(changed).levels[0] ?? []);
      expect(buildTree(bytes, treeOf(hashes))).toEqual(treeOf(changed));
    }),
  );
});
