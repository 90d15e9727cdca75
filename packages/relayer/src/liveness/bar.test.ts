import { describe, expect, test } from "vitest";
import { duration, progressLine } from "./bar.ts";

describe("progressLine", () => {
  test("default: share, rate and what is left", () => {
    expect(progressLine({ name: "alder", head: 100, indexed: 25 }, { blocksPerSecond: 5, secondsLeft: 15 })).toBe(
      "alder   [######------------------] 25.0%  5 blocks/s, 15 s left",
    );
  });

  test("behavior: counts from the start block, and promises nothing that it does not know", () => {
    const line = progressLine(
      { name: "birch", head: 1_000, indexed: 950, start: 900 },
      { blocksPerSecond: 0, secondsLeft: null },
    );
    expect(line).toBe("birch   [############------------] 50.0%  0 blocks/s");
  });
});

test.each([
  [0, "0 s"],
  [59.2, "60 s"],
  [61, "1 min"],
  [3_725, "1 h 2 min"],
  [200_000, "2 days"],
])("duration: %d s is %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
