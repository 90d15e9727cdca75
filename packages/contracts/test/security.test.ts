import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("behavior: docs/SECURITY.md names tests that exist", () => {
  const security = readFileSync(join(import.meta.dirname, "../../../docs/SECURITY.md"), "utf8");
  const named = [...security.matchAll(/`((?:test|invariant)(?:Fuzz)?_\w+)`/g)].map(([, name]) => name);
  const solidity = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".t.sol"));
  const sources = solidity.map((file) => readFileSync(join(import.meta.dirname, file), "utf8")).join();
  const missing = named.filter((name) => !sources.includes(`function ${name}(`));
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(50);
});
