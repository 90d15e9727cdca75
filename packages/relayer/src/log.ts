import pino, { type Logger } from "pino";

/**
 * JSON lines on stdout: a constant `msg` and fields. Errors are told by code and short message: the long messages of
 * RPC libraries carry URLs, and a URL may carry a provider's key.
 */
export function createLog(level: string, fields: Record<string, unknown>): Logger {
  return pino({ level, base: fields, serializers: { err: describeError } }, pino.destination({ fd: 1, sync: true }));
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
