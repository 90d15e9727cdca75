import fc from "fast-check";
import { expect, test } from "vitest";
import { expectedAverageE8 } from "./settlement-average.ts";

const price = fc.bigInt({ min: 1n, max: 10n ** 13n });
const seconds = fc.integer({ min: 0, max: 1800 });

test("default: the known part and the index, by their seconds", () => {
  const average = { priceSecondsE8: 600n * 100n, seconds: 600, secondsLeft: 1200 };
  expect(expectedAverageE8(400n, average)).toBe(300n);
  expect(expectedAverageE8(7n, { priceSecondsE8: 0n, seconds: 0, secondsLeft: 0 })).toBe(7n);
});

test("behavior: an index that stays is its own average, and the average lies between what was and what is", () => {
  fc.assert(
    fc.property(price, price, seconds, seconds, (was, is, passed, left) => {
      fc.pre(passed + left > 0);
      const average = (indexE8: bigint) =>
        expectedAverageE8(indexE8, { priceSecondsE8: was * BigInt(passed), seconds: passed, secondsLeft: left });
      expect(average(was)).toBe(was);
      const expected = average(is);
      expect(expected >= (was < is ? was : is) && expected <= (was < is ? is : was)).toBe(true);
    }),
  );
});
