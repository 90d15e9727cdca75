import type { z } from "@hono/zod-openapi";
import { problemSchema } from "./problem.ts";

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: problemSchema } },
});

const problems = {
  400: problem("Something in the request is malformed."),
  404: problem("What was asked for is not known here."),
  410: problem("It was known once."),
  429: problem("This address asks too often: see Retry-After."),
  503: problem("Not ready yet."),
} as const;

/** The answers of a route: the one asked for, and the problems every route may have. */
export function responses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { 200: { description, content: { "application/json": { schema } } }, ...problems } as const;
}

/** As `responses`, for a route that tells changes as they come. */
export function streamResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { 200: { description, content: { "text/event-stream": { schema } } }, ...problems } as const;
}
