import { oneE8 } from "@plimsoll/risk/fixed-point";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { largestFraction, partOf, type Room, roomAfter, whole } from "./fraction.ts";

const usd = (amount: number) => BigInt(amount) * oneE8;
const usds = (...amounts: number[]) => amounts.map(usd);

/** Long 1,000 units at a dollar each, bought with what is owed: worth 100 at mark, 75 a quarter lower, 125 higher. */
const long = {
  gross: usd(10_000),
  grossLimit: usd(4_000),
  owed: usd(-100),
  losses: usds(-100, 2_400, -2_600),
  allotment: usds(-50, 2_400, -50),
  positions: [{ instrument: "0x01" as const, size: 0n, mark: 0n, notional: usd(10_000), active: true }],
};
const plenty: Room = { losses: usds(1e6, 1e6, 1e6), gross: usd(1e6) };

describe("largestFraction", () => {
  test("default: down to the target", () => {
    expect(largestFraction(long, plenty)).toBe((whole * 6n) / 10n);
  });

  test("behavior: no more than the taker may lose, and hold", () => {
    expect(largestFraction(long, { ...plenty, losses: usds(0, 1_250, 0) })).toBe(whole / 2n);
    expect(largestFraction(long, { ...plenty, gross: usd(1_000) })).toBe(whole / 10n);
    expect(largestFraction(long, { ...plenty, losses: usds(0, -1, 0) })).toBe(0n);
  });

  test("behavior: no more than the account may give up of a gain that backs other chains", () => {
    const hedge = { ...long, allotment: usds(-50, 2_400, -2_100) };
    expect(largestFraction(hedge, plenty)).toBe(whole / 5n);
  });

  test("behavior: dust goes whole", () => {
    const little = {
      ...long,
      gross: usd(900),
      grossLimit: usd(899),
      positions: long.positions.map((one) => ({ ...one, notional: usd(900) })),
    };
    expect(largestFraction(little, plenty)).toBe(whole);
  });

  test("behavior: what is not active stays", () => {
    const inactive = { ...long, positions: long.positions.map((one) => ({ ...one, active: false })) };
    expect(largestFraction(inactive, plenty)).toBe(0n);
    expect(largestFraction({ ...long, gross: 0n, positions: [] }, plenty)).toBe(0n);
  });

  test("behavior: at that fraction every bound holds", () => {
    const loss = fc.bigInt({ min: -usd(1e6), max: usd(1e6) });
    const vector = fc.array(loss, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(vector, vector, vector, loss, (losses, allotment, room, owed) => {
        const book = { ...long, losses, allotment, owed };
        const fraction = largestFraction(book, { losses: room, gross: usd(1e6) });
        const part = partOf(book, fraction);
        for (const [s, before] of losses.entries()) {
          const left = before + ((owed - before) * fraction) / whole;
          const most = (allotment[s] ?? 0n) > before ? (allotment[s] ?? 0n) : before;
          expect(left).toBeLessThanOrEqual(most + 1n);
          const taken = part.losses[s] ?? 0n;
          if (taken > 0n) expect(taken).toBeLessThanOrEqual((room[s] ?? 0n) + 1n);
        }
      }),
    );
  });
});

describe("partOf", () => {
  test("default: notional, risk from mark, and what is left of the room", () => {
    const part = partOf(long, whole / 2n);
    expect(part).toEqual({
      fraction: whole / 2n,
      notional: usd(5_000),
      risk: usd(1_250),
      losses: usds(0, 1_250, -1_250),
    });
    expect(roomAfter(plenty, part)).toEqual({ losses: usds(1e6, 998_750, 1_001_250), gross: usd(995_000) });
  });

  test("behavior: charges are no risk", () => {
    expect(partOf({ ...long, owed: usd(-103) }, whole).risk).toBe(usd(2_500));
  });
});
