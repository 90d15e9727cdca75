import type { Address } from "viem";
import { describe, expect, test } from "vitest";
import type { OperatorSet } from "./chainView.ts";
import { checkInForce, checkRotation } from "./rules.ts";

const [lifetimeSeconds, replacedAtSeconds] = [60, 1_000];
const settling = { code: "rotation-settling", untilSeconds: replacedAtSeconds + 2 * lifetimeSeconds };

/** Of members by one letter each. */
const setOf = (threshold: number, letters: string): OperatorSet => ({
  id: 1,
  threshold,
  members: [...letters].map((letter): Address => `0x${letter.repeat(40)}`),
});
const check = (before: OperatorSet, set: OperatorSet, oldestSeconds = replacedAtSeconds) =>
  checkRotation(set, [{ ...before, replacedAtSeconds, lifetimeSeconds }], oldestSeconds);

describe("checkRotation", () => {
  test("default: waits for two lifetimes where two quorums may be strangers", () => {
    const [before, set] = [setOf(2, "abc"), setOf(2, "abd")];
    expect(check(before, set)).toEqual(settling);
    expect(check(before, set, settling.untilSeconds - 1)).toEqual(settling);
    expect(check(before, set, settling.untilSeconds)).toBeNull();
  });

  test("behavior: and where all that they share may be liars", () => {
    // Of 3 of 4 one may lie: b, c, d of the one set and b, a, e of the other have only b in common.
    expect(check(setOf(3, "abcd"), setOf(3, "abce"))).toEqual(settling);
    expect(check(setOf(4, "abcde"), setOf(4, "abcdf"))).toEqual(settling);
    // Of 3 of 5 nobody may lie.
    expect(check(setOf(3, "abcd"), setOf(3, "abcde"))).toBeNull();
  });

  test("behavior: one member more or less, with any majority, needs no wait", () => {
    const letters = "abcdef";
    for (let count = 2; count < letters.length; count++) {
      const [less, more] = [letters.slice(0, count), letters.slice(0, count + 1)];
      for (let k = Math.floor(count / 2) + 1; k <= count; k++) {
        for (let other = Math.floor((count + 1) / 2) + 1; other <= count + 1; other++) {
          expect(check(setOf(k, less), setOf(other, more)), `${k} of ${count} to ${other} of ${count + 1}`).toBeNull();
          expect(check(setOf(other, more), setOf(k, less)), `${other} of ${count + 1} to ${k} of ${count}`).toBeNull();
        }
      }
    }
  });
});

test("checkInForce: nothing for a set that is known to be replaced, or while none is known", () => {
  const cut = [{ eid: 1, number: 5, hash: `0x${"11".repeat(32)}` as const, timestampSeconds: 100 }];
  const view = { finalizedCut: () => cut, operatorSetAt: () => ({ ...setOf(2, "abc"), id: 2 }) };
  expect(checkInForce(2, view)).toBeNull();
  expect(checkInForce(1, view)).toEqual({ code: "wrong-operator-set", expected: 2 });
  expect(checkInForce(1, { ...view, finalizedCut: () => null })).toEqual({
    code: "wrong-operator-set",
    expected: null,
  });
});
