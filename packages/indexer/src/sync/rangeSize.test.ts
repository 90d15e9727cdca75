import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rangeSize } from "./rangeSize.ts";

describe("rangeSize", () => {
  test("default: halved at a refusal, doubled after sixteen without one", () => {
    const size = rangeSize(64);
    size.refused(64);
    expect(size.blocks).toBe(32);
    for (let given = 0; given < 15; given++) size.accepted(32, 0);
    expect(size.blocks).toBe(32);
    size.accepted(32, 0);
    expect(size.blocks).toBe(64);
  });

  test("behavior: ranges that were asked for together are refused once", () => {
    const size = rangeSize(64);
    for (let asked = 0; asked < 8; asked++) size.refused(64);
    expect(size.blocks).toBe(32);
  });

  test("behavior: short ranges, as there are near the head, prove nothing of long ones", () => {
    const size = rangeSize(64);
    size.refused(64);
    for (let given = 0; given < 100; given++) size.accepted(1, 0);
    expect(size.blocks).toBe(32);
    size.refused(4);
    expect(size.blocks).toBe(2);
  });

  test("behavior: many logs are too much for us", () => {
    const size = rangeSize(64);
    size.accepted(64, 10_001);
    expect(size.blocks).toBe(32);
    for (let given = 0; given < 100; given++) size.accepted(32, 9_000);
    expect(size.blocks).toBe(32);
  });

  test("behavior: a limit that stays is run into ever more seldom, and one that goes away is noticed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (limit) => {
        const size = rangeSize(2_000);
        let refused = 0;
        const ask = (most: number) => {
          const { blocks } = size;
          if (blocks <= most) return size.accepted(blocks, 0);
          refused++;
          size.refused(blocks);
        };
        for (let asked = 0; asked < 10_000; asked++) ask(limit);
        expect(size.blocks).toBeGreaterThan(limit / 4);
        expect(refused).toBeLessThan(11 + 20);
        for (let asked = 0; asked < 15_000; asked++) ask(2_000);
        expect(size.blocks).toBe(2_000);
      }),
    );
  });
});
