import fc from "fast-check";
import { encodePacked } from "viem";
import { expect, test } from "vitest";
import { MalformedPackedArray } from "./errors.ts";
import { packInt64, unpackInt64 } from "./packed.ts";

const entries = fc.array(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), { maxLength: 40 });

test("default: as Solidity packs int64, and back", () => {
  fc.assert(
    fc.property(entries, (values) => {
      const packed = packInt64(BigInt64Array.from(values));
      const types = values.map(() => "int64");
      expect(packed).toBe(encodePacked(types, values));
      expect([...unpackInt64(packed)]).toEqual(values);
    }),
  );
});

test("error: MalformedPackedArray", () => {
  expect(() => unpackInt64("0x00")).toThrow(MalformedPackedArray);
  expect(() => unpackInt64("0x00000000000000zz")).toThrow(MalformedPackedArray);
});
