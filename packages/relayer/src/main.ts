#!/usr/bin/env node
import { exitCodeOf, isOurs } from "./commands/exitCode.ts";
import { createProgram } from "./commands/program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!isOurs(error)) throw error;
  console.error(`${error.message}\n${error.hint}`);
  process.exitCode = exitCodeOf(error);
}
