import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { InvalidArgument } from "./errors.ts";
import { defaultPorts } from "./system/ports.ts";

test("default", () => {
  expect(readArguments([])).toEqual({ story: true, exit: false, logs: undefined, ports: defaultPorts });
});

test("behavior: other ports", () => {
  const ports = { chains: [1, 2, 3], operators: [4, 5, 6] };
  expect(readArguments(["--chain-ports", "1,2,3", "--api-ports", "4,5,6"])?.ports).toEqual(ports);
});

test("behavior: help asks for nothing else", () => {
  expect(readArguments(["--help"])).toBeNull();
});

test.each([
  [["--storry"]],
  [["extra"]],
  [["--chain-ports", "1,2"]],
  [["--chain-ports", "1,2,3,4"]],
  [["--api-ports", "1,2,x"]],
  [["--api-ports", "1,2,70000"]],
])("error: InvalidArgument for %j", (args) => {
  expect(() => readArguments(args)).toThrow(InvalidArgument);
});
