import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { InvalidArgument } from "./errors.ts";
import { defaultPorts } from "./system/ports.ts";

test("default", () => {
  expect(readArguments([])).toEqual({ story: true, exit: false, logs: undefined, ports: defaultPorts, consumers: [] });
});

test("behavior: other ports", () => {
  const ports = { chains: [1, 2, 3], operators: [4, 5, 6] };
  expect(readArguments(["--chain-ports", "1,2,3", "--api-ports", "4,5,6"])?.ports).toEqual(ports);
});

test("behavior: a consumer of one's own leaves no story to tell", () => {
  const { story, consumers } = readArguments(["--consumer", "birch=CreditLine,USDC,bob"]) ?? {};
  expect(story).toBe(false);
  expect(consumers).toEqual([{ chain: "birch", contract: "CreditLine", args: ["USDC", "bob"] }]);
});

test("behavior: help asks for nothing else", () => {
  expect(readArguments(["--help"])).toBeNull();
});

test.each([
  [["--storry"]],
  [["extra"]],
  [["--chain-ports", "1,2"]],
  [["--chain-ports", "1,2,3,4"]],
  [["--consumer", "birch"]],
  [["--api-ports", "1,2,x"]],
  [["--api-ports", "1,2,70000"]],
])("error: InvalidArgument for %j", (args) => {
  expect(() => readArguments(args)).toThrow(InvalidArgument);
});
