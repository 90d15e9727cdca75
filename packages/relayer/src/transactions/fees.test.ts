import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FeePolicy, firstFees, replacementFees } from "./fees.ts";
import { gasOfFailure, selfTransferGas, withdrawalOf } from "./withdraw.ts";

const wei = fc.bigInt({ min: 0n, max: 10n ** 12n });
const market = fc.record({ baseFeePerGas: wei, priorityFeePerGas: wei, headNumber: fc.constant(1) });
const policies: fc.Arbitrary<FeePolicy> = fc
  .tuple(wei, wei, wei, fc.integer({ min: 10, max: 100 }))
  .map(([maxFeePerGasWei, one, other, replacementPercent]) => ({
    maxFeePerGasWei,
    minPriorityFeeWei: one < other ? one : other,
    maxPriorityFeeWei: one < other ? other : one,
    replacementPercent,
  }));
const fees = fc.tuple(wei, wei).map(([one, other]) => ({
  maxFeePerGas: one > other ? one : other,
  maxPriorityFeePerGas: one > other ? other : one,
}));

describe("fees", () => {
  test("default: twice the base fee, and what others pay on top", () => {
    const policy = { maxFeePerGasWei: 1_000n, minPriorityFeeWei: 1n, maxPriorityFeeWei: 5n, replacementPercent: 12 };
    const now = { baseFeePerGas: 100n, priorityFeePerGas: 3n, headNumber: 1 };
    expect(firstFees(now, policy)).toEqual({ maxFeePerGas: 203n, maxPriorityFeePerGas: 3n });
    expect(replacementFees({ maxFeePerGas: 203n, maxPriorityFeePerGas: 3n }, now, policy)).toEqual({
      maxFeePerGas: 228n,
      maxPriorityFeePerGas: 4n,
    });
  });

  test("behavior: never above the cap, and no priority fee above the whole", () => {
    fc.assert(
      fc.property(market, policies, fees, (now, policy, before) => {
        for (const given of [firstFees(now, policy), replacementFees(before, now, policy)]) {
          if (given === null) continue;
          expect(given.maxFeePerGas).toBeLessThanOrEqual(policy.maxFeePerGasWei);
          expect(given.maxPriorityFeePerGas).toBeLessThanOrEqual(given.maxFeePerGas);
        }
      }),
    );
  });

  test("behavior: a replacement passes geth's comparison: more, and at least a tenth more, in both fields", () => {
    fc.assert(
      fc.property(market, policies, fees, (now, policy, before) => {
        const after = replacementFees(before, now, policy);
        if (after === null) return;
        for (const field of ["maxFeePerGas", "maxPriorityFeePerGas"] as const) {
          expect(after[field]).toBeGreaterThan(before[field]);
          expect(after[field]).toBeGreaterThanOrEqual((before[field] * 110n) / 100n);
        }
      }),
    );
  });
});

describe("withdrawalOf", () => {
  const policy = { maxFeePerGasWei: 1_000n, minPriorityFeeWei: 1n, maxPriorityFeeWei: 50n, replacementPercent: 12 };
  const now = { baseFeePerGas: 10n, priorityFeePerGas: 2n, headNumber: 1 };
  const pending = { data: `0x${"11".repeat(600)}`, maxFeePerGas: 22n, maxPriorityFeePerGas: 2n } as const;

  test("default: a post is cancelled, for failing costs more than a transfer", () => {
    expect(gasOfFailure(pending.data)).toBeGreaterThan(2n * selfTransferGas);
    expect(withdrawalOf(pending, now, policy, false)).toMatchObject({ decision: "cancel" });
  });

  test("behavior: what fails as cheaply is let fail", () => {
    const short = { ...pending, data: "0x", maxPriorityFeePerGas: 20n } as const;
    expect(withdrawalOf(short, { ...now, priorityFeePerGas: 50n }, policy, false)).toEqual({ decision: "let-fail" });
  });

  test("behavior: out of every block's reach it is left for the next, unless others wait behind it", () => {
    const spike = { ...now, baseFeePerGas: 100n };
    expect(withdrawalOf(pending, spike, policy, false)).toEqual({ decision: "leave" });
    expect(withdrawalOf(pending, spike, policy, true)).toMatchObject({ decision: "cancel" });
    expect(withdrawalOf(pending, spike, { ...policy, maxFeePerGasWei: 20n }, true)).toEqual({ decision: "leave" });
  });

  test("behavior: never dearer than letting it fail, where nothing waits", () => {
    fc.assert(
      fc.property(market, fees, fc.uint8Array({ maxLength: 800 }), (current, before, bytes) => {
        const data = `0x${Buffer.from(bytes).toString("hex")}` as const;
        const free = { ...policy, maxFeePerGasWei: 10n ** 15n, maxPriorityFeeWei: 10n ** 15n };
        const withdrawal = withdrawalOf({ ...before, data }, current, free, false);
        if (withdrawal.decision !== "cancel") return;
        const price = (one: typeof before) => {
          const both = current.baseFeePerGas + one.maxPriorityFeePerGas;
          return one.maxFeePerGas < both ? one.maxFeePerGas : both;
        };
        expect(selfTransferGas * price(withdrawal.fees)).toBeLessThan(gasOfFailure(data) * price(before));
      }),
    );
  });
});
