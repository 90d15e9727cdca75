import { Command } from "commander";
import { version } from "../version.ts";
import { addCheck } from "./check.ts";
import type { AddCommand } from "./command.ts";
import { addKeys } from "./keys.ts";
import { addStart } from "./start.ts";

/** In the order of the help text. */
const commands: readonly AddCommand[] = [addCheck, addStart, addKeys];

/** The `plimsoll` command line. */
export function createProgram(): Command {
  const program = new Command("plimsoll")
    .description(
      "A Plimsoll operator's node: indexes the chains, signs epochs with its peers, posts them, serves proofs.",
    )
    .version(version);
  for (const add of commands) add(program);
  return program;
}
