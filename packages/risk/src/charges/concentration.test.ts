import fc from "fast-check";
import { expect, test } from "vitest";
import { oneE8 } from "../fixed-point.ts";
import { addExposure, concentrationCharge, InvalidDepth, type NetExposure, noExposure } from "./concentration.ts";

const unit = 100_00000000n;
const positions = fc.array(
  fc.record({
    kind: fc.constantFrom("perpetual" as const, "future" as const, "call" as const, "put" as const),
    size: fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }),
    /** How much of a unit an option acts like. */
    delta: fc.bigInt({ min: 0n, max: oneE8 }),
  }),
  { maxLength: 12 },
);
const depths = fc.bigInt({ min: 1n, max: 10n ** 18n });

function exposureOf(list: readonly { kind: "perpetual" | "future" | "call" | "put"; size: bigint }[]): NetExposure {
  return list.reduce((sum, { kind, size }) => addExposure(sum, kind, size, unit), noExposure);
}

test("default: linear hedges net, options widen the side they can act on", () => {
  const hedged = exposureOf([
    { kind: "perpetual", size: 3n * oneE8 },
    { kind: "future", size: -2n * oneE8 },
  ]);
  expect(hedged).toEqual({ low: unit, high: unit });
  const covered = addExposure(addExposure(hedged, "call", -oneE8, unit), "put", -oneE8, unit);
  expect(covered).toEqual({ low: 0n, high: 2n * unit });
  // Half a per cent of the depth costs about half a per cent of the position.
  expect(concentrationCharge(covered, 398n * unit)).toBe(unit / 100n);
  expect(concentrationCharge(noExposure, 1n)).toBe(0n);
});

test("behavior: whatever options act like, the exposure is inside the interval", () => {
  fc.assert(
    fc.property(positions, (list) => {
      const { low, high } = exposureOf(list);
      const acting = list.reduce((sum, { kind, size, delta }) => {
        const share = kind === "call" ? delta : kind === "put" ? -delta : oneE8;
        return sum + size * share * unit;
      }, 0n);
      const scale = oneE8 * oneE8;
      const dust = BigInt(list.length) * scale;
      expect(acting >= low * scale - dust && acting <= high * scale + dust).toBe(true);
    }),
  );
});

test("behavior: never more than the position, never less for a larger one or a thinner market", () => {
  fc.assert(
    fc.property(positions, depths, depths, fc.bigInt({ min: 0n, max: 10n ** 15n }), (list, depth, deeper, more) => {
      const exposure = exposureOf(list);
      const charge = concentrationCharge(exposure, depth);
      const size = [exposure.low, exposure.high].map((x) => (x < 0n ? -x : x)).reduce((a, b) => (a > b ? a : b));
      expect(charge >= 0n && charge <= size).toBe(true);
      expect(concentrationCharge(exposure, depth + deeper) <= charge).toBe(true);
      const larger = { low: exposure.low - more, high: exposure.high + more };
      expect(concentrationCharge(larger, depth) >= charge).toBe(true);
    }),
  );
});

test("behavior: two halves cost less than the whole, which is why it is taken once an account", () => {
  const whole = concentrationCharge({ low: 0n, high: 1_000_000n * oneE8 }, 10_000_000n * oneE8);
  const half = concentrationCharge({ low: 0n, high: 500_000n * oneE8 }, 10_000_000n * oneE8);
  expect(2n * half).toBeLessThan(whole);
});

test("error: InvalidDepth", () => {
  expect(() => concentrationCharge(noExposure, 0n)).toThrow(InvalidDepth);
});
