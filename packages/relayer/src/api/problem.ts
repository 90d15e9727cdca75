import { z } from "@hono/zod-openapi";
import type { ProblemJson } from "@plimsoll/protocol/wire";
import { RelayerError } from "../errors.ts";

/** Codes of the API's problems: what a client switches on. docs/ERRORS.md has a section for each. */
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
  "account-not-valued",
  "impossible-question",
  "nothing-approved",
  "no-queue",
  "unknown-message",
  "unknown-route",
  "refused-body",
  "too-many-requests",
  "too-many-streams",
  "peer-unauthenticated",
  "internal",
] as const;
export type ProblemCode = (typeof problemCodes)[number];

export const problemSchema = z
  .object({
    type: z.string().openapi({
      example: "/docs/errors#unknown-account",
      description: "Where this node explains the code; relative to the node.",
    }),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(problemCodes),
    detail: z.string(),
    hint: z.string().openapi({ description: "What to do next." }),
  })
  .openapi("Problem") satisfies z.ZodType<ProblemJson>;

const titles = {
  400: "Bad request",
  401: "Unauthorized",
  404: "Not found",
  410: "Gone",
  413: "Too large",
  429: "Too many requests",
  500: "Internal error",
  503: "Not ready",
} as const;
type ProblemStatus = keyof typeof titles;

/** An answer that is not what was asked for (RFC 9457). */
export class ProblemError extends RelayerError {
  override readonly name = "ProblemError";
  readonly status: ProblemStatus;
  readonly problem: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    problem: ProblemCode,
    detail: string,
    hint: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail, { code: problem, hint });
    this.status = status;
    this.problem = problem;
    this.headers = headers;
  }
}

function problemBody({ status, problem, message, hint }: ProblemError): ProblemJson & { code: ProblemCode } {
  return {
    type: `/docs/errors#${problem}`,
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
    headers: { ...error.headers, "content-type": "application/problem+json" },
  });
