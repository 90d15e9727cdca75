import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");
const command = join(source, "cli");

/** Modules that a file imports. */
const importsOf = (file: string) =>
  [...readFileSync(file, "utf8").matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gms)].map(([, name = ""]) => name);

test("behavior: but for the command, all of it runs in a browser: no I/O, no chain, nothing of Node's", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .map((name) => join(source, name))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith(command));
  const foreign = new Set<string>();
  for (const file of files) {
    for (const name of importsOf(file)) {
      if (!name.startsWith(".")) foreign.add(name);
      else if (join(dirname(file), name).startsWith(command)) foreign.add(relative(source, file));
    }
    expect(readFileSync(file, "utf8"), file).not.toMatch(/\b(process|Buffer|require|fetch)\b[.(]/);
  }
  expect(files.length).toBeGreaterThan(60);
  expect([...foreign]).toEqual(["zod"]);
});
