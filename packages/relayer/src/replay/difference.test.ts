import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstDifference } from "./difference.ts";

const leaf = fc.oneof(fc.bigInt(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
const { value: tree } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
    fc.array(fc.bigInt({ min: -5n, max: 5n })).map((entries) => BigInt64Array.from(entries)),
  ),
}));

describe("firstDifference", () => {
  test("default: the path to it, and both sides", () => {
    const one = { header: { epoch: 1 }, chains: new Map([[7, { losses: BigInt64Array.of(1n, 2n, 3n) }]]) };
    const other = { header: { epoch: 1 }, chains: new Map([[7, { losses: BigInt64Array.of(1n, -2n, 4n) }]]) };
    expect(firstDifference(one, other)).toEqual({ path: ["chains", "7", "losses", "1"], first: "2", second: "-2" });
  });

  test("behavior: numbers by size, so that 10 comes after 9", () => {
    const from = (changed: number) => Array.from({ length: 12 }, (_, index) => (index >= changed ? 1 : 0));
    expect(firstDifference(from(12), from(9))?.path).toEqual(["9"]);
  });

  test("behavior: what is absent on one side", () => {
    expect(firstDifference(new Map([["0x01", 1n]]), new Map())).toEqual({
      path: ["0x01"],
      first: "there",
      second: "absent",
    });
    expect(firstDifference({ a: null }, { a: [] })).toMatchObject({ path: ["a"], first: "null", second: "a table" });
  });

  test("behavior: nothing differs from its copy, whatever it is", () => {
    fc.assert(
      fc.property(tree, (one) => {
        expect(firstDifference(one, structuredClone(one))).toBeNull();
      }),
    );
  });

  test("behavior: the same whichever side is first, and there is one exactly when they are not equal", () => {
    fc.assert(
      fc.property(tree, tree, (one, other) => {
        const found = firstDifference(one, other);
        const mirrored = firstDifference(other, one);
        expect(mirrored).toEqual(found && { path: found.path, first: found.second, second: found.first });
        if (found !== null) expect(one).not.toEqual(other);
      }),
    );
  });
});
