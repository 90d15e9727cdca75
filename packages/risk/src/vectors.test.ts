import fc from "fast-check";
import { expect, test } from "vitest";
import { divDown, oneE8 } from "./fixed-point.ts";
import { addProduct, roundSumDown, splitVector, startSum, zeroSum } from "./vectors.ts";

test("default: gives what unbounded integers give", () => {
  const price = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n });
  const position = fc.record({
    size: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    prices: fc.array(price, { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }),
      fc.array(position, { maxLength: 6 }),
      (startE16, positions) => {
        const sum = zeroSum(5);
        startSum(sum, startE16, 4);
        for (const { size, prices } of positions) {
          addProduct(sum, size / oneE8, size % oneE8, splitVector(BigInt64Array.from(prices)));
        }
        const rounded = new BigInt64Array(5);
        roundSumDown(sum, rounded, 4);
        const expected = [0, 1, 2, 3].map((s) =>
          divDown(
            positions.reduce((total, { size, prices }) => total + size * (prices[s] ?? 0n), startE16),
            oneE8,
          ),
        );
        expect([...rounded]).toEqual([...expected, 0n]);
      },
    ),
  );
});
