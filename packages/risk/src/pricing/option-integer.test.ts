import fc from "fast-check";
import { expect, test } from "vitest";
import * as reference from "../../test/high-precision.ts";
import { options } from "../../test/options.ts";
import { InvalidPricingInput } from "./errors.ts";
import { optionPriceDown, optionPriceUp } from "./option-integer.ts";

const atTheMoney = {
  kind: "call",
  forwardE8: 100_00000000n,
  strikeE8: 100_00000000n,
  volatilityE8: 20_000_000n,
  secondsToExpiry: 31_536_000,
  discountRateE8: 0n,
} as const;

test("default: one year at the money at 20 %", () => {
  // 100 (N(0.1) - N(-0.1)), N(0.1) = 0.539827837277028981...
  expect([optionPriceDown(atTheMoney), optionPriceUp(atTheMoney)]).toEqual([7_96556745n, 7_96556746n]);
});

/** Sixty standard deviations: what is left of time value is nothing that any price shows. */
const farInTheMoney = { forwardE8: 18n, strikeE8: 16n, volatilityE8: 2_244_419n, secondsToExpiry: 241_239 };

test("behavior: down and up enclose the exact value", () => {
  const bits = reference.referenceBits;
  fc.assert(
    fc.property(options, (option) => {
      const { kind, forwardE8, strikeE8, volatilityE8, secondsToExpiry, discountRateE8 } = option;
      const variance =
        ((volatilityE8 * volatilityE8 * BigInt(secondsToExpiry)) << (2n * bits)) / (10n ** 16n * 31_536_000n);
      const call = reference.undiscountedCall(forwardE8, strikeE8, reference.root(variance));
      const value = kind === "call" ? call : call - ((forwardE8 - strikeE8) << bits);
      const exponent = ((-discountRateE8 * BigInt(secondsToExpiry)) << bits) / (10n ** 8n * 31_536_000n);
      const exact = (value * reference.exp(exponent)) >> bits;
      expect(optionPriceDown(option) << bits <= exact + 1n).toBe(true);
      expect(exact - 1n <= optionPriceUp(option) << bits).toBe(true);
    }),
    { numRuns: 40, examples: [[{ ...atTheMoney, ...farInTheMoney }]] },
  );
});

test("behavior: down and up are at most one apart", () => {
  fc.assert(
    fc.property(options, (option) => {
      const gap = optionPriceUp(option) - optionPriceDown(option);
      expect(gap === 0n || gap === 1n).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("behavior: put-call parity, and prices inside their bounds", () => {
  fc.assert(
    fc.property(options, (option) => {
      const { forwardE8, strikeE8 } = option;
      const [call, put] = (["call", "put"] as const).map((kind) =>
        optionPriceDown({ ...option, kind, discountRateE8: 0n }),
      );
      expect((call ?? 0n) - (put ?? 0n)).toBe(forwardE8 - strikeE8);
      expect((call ?? -1n) >= 0n && (call ?? 0n) <= forwardE8 && (put ?? 0n) <= strikeE8).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("behavior: more volatility and more time never cost less", () => {
  fc.assert(
    fc.property(options, fc.bigInt({ min: 0n, max: 10_000_000n }), (option, more) => {
      const plain = { ...option, discountRateE8: 0n };
      const price = optionPriceDown(plain);
      expect(optionPriceDown({ ...plain, volatilityE8: plain.volatilityE8 + more }) >= price).toBe(true);
      expect(optionPriceDown({ ...plain, secondsToExpiry: plain.secondsToExpiry + Number(more) }) >= price).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("behavior: at expiry an option is worth what it would pay", () => {
  const expired = { ...atTheMoney, strikeE8: 90_00000001n, secondsToExpiry: 0, discountRateE8: 5_000_000n };
  expect([optionPriceDown(expired), optionPriceUp(expired)]).toEqual([9_99999999n, 9_99999999n]);
  expect(optionPriceUp({ ...expired, kind: "put" })).toBe(0n);
});

test.each([
  ["no forward", { forwardE8: 0n }],
  ["a negative forward", { forwardE8: -1n }],
  ["an absurd forward", { forwardE8: 10n ** 18n + 1n }],
  ["no strike", { strikeE8: 0n }],
  ["an absurd strike", { strikeE8: 10n ** 40n }],
  ["no volatility", { volatilityE8: 0n }],
  ["a negative volatility", { volatilityE8: -60_000_000n }],
  ["an absurd volatility", { volatilityE8: 10n ** 12n }],
  ["an expiry that has passed", { secondsToExpiry: -1 }],
  ["half a second", { secondsToExpiry: 0.5 }],
  ["no time", { secondsToExpiry: Number.NaN }],
  ["an eternity", { secondsToExpiry: Number.POSITIVE_INFINITY }],
  ["a century", { secondsToExpiry: 3_153_600_000 }],
  ["an absurd rate", { discountRateE8: 10n ** 9n }],
])("error: InvalidPricingInput for %s", (_, change) => {
  expect(() => optionPriceDown({ ...atTheMoney, ...change })).toThrow(InvalidPricingInput);
  expect(() => optionPriceUp({ ...atTheMoney, ...change })).toThrow(InvalidPricingInput);
});
