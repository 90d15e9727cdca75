import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidAmount } from "../errors/input.ts";
import { formatUsd } from "./formatUsd.ts";
import { parseUsd } from "./parseUsd.ts";

const valueE8 = fc.bigInt(-(10n ** 30n), 10n ** 30n);

describe("parseUsd", () => {
  test("default", () => {
    expect(parseUsd("-1250.5")).toBe(-125_050_000_000n);
    expect(parseUsd("0.00000001")).toBe(1n);
    expect(parseUsd("-0")).toBe(0n);
  });

  test("behavior: reads back what formatUsd writes in full", () => {
    fc.assert(
      fc.property(valueE8, (value) => parseUsd(formatUsd(value, { decimals: 8 }).replaceAll(",", "")) === value),
    );
  });

  test.each(["", ".5", "1.", "1,000", "1e3", "0x10", "1.000000001", " 1", "--1"])(
    "error: InvalidAmount for %j",
    (text) => {
      expect(() => parseUsd(text)).toThrow(InvalidAmount);
    },
  );
});

describe("formatUsd", () => {
  test("default: groups of three, two decimals", () => {
    expect(formatUsd(parseUsd("1234567.891"))).toBe("1,234,567.89");
    expect(formatUsd(parseUsd("121"), { decimals: 0 })).toBe("121");
    expect(formatUsd(0n)).toBe("0.00");
  });

  test("behavior: rounds down, below zero too, by less than a unit of the last digit", () => {
    expect(formatUsd(parseUsd("-0.001"))).toBe("-0.01");
    fc.assert(
      fc.property(valueE8, fc.integer({ min: 0, max: 8 }), (value, decimals) => {
        const shown = parseUsd(formatUsd(value, { decimals }).replaceAll(",", ""));
        return shown <= value && value - shown < 10n ** BigInt(8 - decimals);
      }),
    );
  });
});
