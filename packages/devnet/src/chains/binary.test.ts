import { accessSync, constants } from "node:fs";
import { expect, test } from "vitest";
import { AnvilMissing } from "../errors.ts";
import { anvilBinary } from "./binary.ts";

test("default: a file that can be run", () => {
  expect(() => accessSync(anvilBinary(), constants.X_OK)).not.toThrow();
});

test("error: AnvilMissing", () => {
  expect(() => anvilBinary({ platform: "sunos", arch: "sparc" })).toThrow(AnvilMissing);
});
