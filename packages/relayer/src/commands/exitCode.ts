import { IndexerError } from "@plimsoll/indexer/errors";
import { type ExitCode, exitCodes, RelayerError } from "../errors.ts";

/** An error of ours: it has a message for people, and says what to do. */
export const isOurs = (error: unknown): error is RelayerError | IndexerError =>
  error instanceof RelayerError || error instanceof IndexerError;

/** What the process ends with. What nobody foresaw may pass: restart me. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof RelayerError) return error.exitCode;
  if (error instanceof IndexerError) return error.remedy === "fix" ? exitCodes.fixSomething : exitCodes.restartMe;
  return exitCodes.restartMe;
}
