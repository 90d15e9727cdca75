import { z } from "@hono/zod-openapi";
import type { ProblemJson } from "@plimsoll/protocol/wire";
import { RelayerError } from "../errors.ts";

/** Codes of the API's problems: what a client switches on. */
export const problemCodes = [
  "malformed-request",
  "unknown-account",
  "unknown-epoch",
  "epoch-pruned",
  "no-epoch-yet",
  "unknown-chain",
  "unknown-consumer",
  "unknown-instrument",
  "unknown-asset",
  "nothing-approved",
  "unknown-message",
  "unknown-route",
  "refused-body",
  "internal",
] as const;
export type ProblemCode = (typeof problemCodes)[number];

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: "urn:plimsoll:problem:unknown-account" }),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(problemCodes),
    detail: z.string(),
    hint: z.string().openapi({ description: "What to do next." }),
  })
  .openapi("Problem") satisfies z.ZodType<ProblemJson>;

/** An answer that is not what was asked for (RFC 9457). */
export class ProblemError extends RelayerError {
  override readonly name = "ProblemError";
  readonly status: 400 | 404 | 410 | 500 | 503;
  readonly problem: ProblemCode;

  constructor(status: ProblemError["status"], problem: ProblemCode, detail: string, hint: string) {
    super(detail, { code: problem, hint });
    this.status = status;
    this.problem = problem;
  }
}

const titles: Record<ProblemError["status"], string> = {
  400: "Bad request",
  404: "Not found",
  410: "Gone",
  500: "Internal error",
  503: "Not ready",
};

export function problemBody({ status, problem, message, hint }: ProblemError): ProblemJson & { code: ProblemCode } {
  return {
    type: `urn:plimsoll:problem:${problem}`,
    title: titles[status],
    status,
    code: problem,
    detail: message,
    hint,
  };
}

/** A problem as the response it is sent as. */
export const problemResponse = (error: ProblemError): Response =>
  new Response(JSON.stringify(problemBody(error)), {
    status: error.status,
    headers: { "content-type": "application/problem+json" },
  });
