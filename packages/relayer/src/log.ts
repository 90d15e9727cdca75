import { writeSync } from "node:fs";
import pino, { type Logger } from "pino";
import type { Scrub } from "./scrub.ts";

/**
 * JSON lines on stdout: a constant `msg` and fields. Errors are told by code and short message: the long messages of
 * RPC libraries carry URLs, and a URL may carry a provider's key. What still holds a secret is struck out by `scrub`.
 */
export function createLog(level: string, fields: Record<string, unknown>, scrub: Scrub): Logger {
  return pino({ level, base: fields, serializers: { err: describeError } }, { write: (line) => writeAll(scrub(line)) });
}

/** To stdout, at once: what a process says before it dies is what is needed most. */
function writeAll(line: string): void {
  let rest = Buffer.from(line);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // A pipe whose reader is slow: try again. One without a reader: nobody is told.
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return;
    }
  }
}

/** An error without anything that may be secret, and its causes. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: "not an error" };
  const isRpcError = "shortMessage" in error;
  return {
    type: error.name,
    ...("code" in error ? { code: error.code } : {}),
    message: isRpcError ? error.shortMessage : error.message,
    ...("hint" in error ? { hint: error.hint } : {}),
    ...(isRpcError || "code" in error ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
