#!/usr/bin/env node
// The command line: the only file of this package that reads and writes files.

import { readFileSync, writeFileSync } from "node:fs";
import { runCli } from "./run.ts";
import { WrongUsage } from "./wrong-usage.ts";

process.exitCode = runCli(process.argv.slice(2), {
  readText: (path) => {
    try {
      return readFileSync(path, "utf8");
    } catch (cause) {
      throw new WrongUsage(`Cannot read ${path}.`, { cause });
    }
  },
  writeText: (path, text) => {
    try {
      writeFileSync(path, text);
    } catch (cause) {
      throw new WrongUsage(`Cannot write ${path}.`, { cause });
    }
    console.error(`Wrote ${path}.`);
  },
  print: (text) => process.stdout.write(text),
  tell: (line) => console.error(line),
  progress: (share) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor(100 * share)} % ${share === 1 ? "\n" : ""}`);
  },
});
