import { expect, test } from "vitest";
import { createPatience } from "./patience.ts";

test("default: waits double up to eight times, and halve again down to the usual", () => {
  const patience = createPatience();
  const after = (change: () => void) => {
    change();
    return patience.stretch(500);
  };
  expect(patience.stretch(500)).toBe(500);
  expect([1, 2, 3, 4].map(() => after(patience.grow))).toEqual([1_000, 2_000, 4_000, 4_000]);
  expect([1, 2, 3, 4].map(() => after(patience.shrink))).toEqual([2_000, 1_000, 500, 500]);
});
