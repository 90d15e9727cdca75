import { Command } from "commander";
import { version } from "../version.ts";
import { addCheck } from "./check.ts";
import type { AddCommand } from "./command.ts";
import { addCompletion } from "./completion.ts";
import { addExplain } from "./explain.ts";
import { addInit } from "./init.ts";
import { addKeys } from "./keys.ts";
import { addLiquidator } from "./liquidator.ts";
import { addReplay } from "./replay.ts";
import { addResetChain } from "./resetChain.ts";
import { addStart } from "./start.ts";
import { addStatus } from "./status.ts";

/** In the order of the help text. */
const commands: readonly AddCommand[] = [
  addInit,
  addCheck,
  addStart,
  addStatus,
  addExplain,
  addReplay,
  addResetChain,
  addLiquidator,
  addKeys,
  addCompletion,
];

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
