#!/usr/bin/env node
import { exitCodeOf, isOurs } from "./commands/exitCode.ts";
import { createProgram } from "./commands/program.ts";
import { describeError } from "./log.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  // What nobody foresaw is told without what may be secret in it.
  console.error(isOurs(error) ? `${error.message}\n${error.hint}` : JSON.stringify(describeError(error), null, 2));
  process.exitCode = exitCodeOf(error);
}
