import type { Command } from "commander";

/**
 * Adds one command to the program. One file each, named in `program.ts`; an action that throws a `RelayerError` or an
 * `IndexerError` ends the process with that error's exit code, its message and what to do.
 */
export type AddCommand = (program: Command) => void;
