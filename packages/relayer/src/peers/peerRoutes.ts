import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { ProblemError, problemResponse } from "../api/problem.ts";
import type { EpochEngine } from "../quorum/engine.ts";
import { attestationNoticeSchema, epochRefSchema, proposalSchema } from "../quorum/messages.ts";
import { type PeerAuthenticator, peerWindowMs, type Unauthenticated } from "./authentication.ts";

const mostBodyBytes = 4 * 1024 * 1024;

const malformed = (detail: string) =>
  new ProblemError(400, "malformed-request", detail, "Run the same version on all operators' nodes.");

const because: Record<Unauthenticated, string> = {
  unsigned: "the request is not signed",
  "unknown-operator": "the node that was asked has no such operator among its [[peers]]",
  "clock-skew": `its time is more than ${peerWindowMs / 1000} s from the clock of the node that was asked`,
  "wrong-signature": "its signature is not of that operator over this request",
  replayed: "it was taken before",
};

const unauthenticated = (reason: Unauthenticated) =>
  new ProblemError(401, "peer-unauthenticated", because[reason], "Only operators may ask; see docs/OPERATORS.md.");

/**
 * What operators ask of each other. Every request is signed by one of `[[peers]]`: a stranger gets no further than the
 * headers, or, with a peer's name on it, than one signature's check.
 */
export function createPeerRoutes(engine: EpochEngine, authenticator: PeerAuthenticator): Hono {
  const routes = new Hono();
  routes.use(async (context, next) => {
    const refused = authenticator.precheck(context.req.raw.headers);
    if (refused !== null) throw unauthenticated(refused);
    await next();
  });
  routes.use(
    bodyLimit({
      maxSize: mostBodyBytes,
      onError: () =>
        problemResponse(new ProblemError(413, "refused-body", "the body is too large", "Send at most 4 MiB.")),
    }),
  );
  routes.use(authenticated(authenticator));
  routes.get("/status", (context) => context.json(engine.status()));
  routes.get("/epochs/:epoch", (context) => {
    const epoch = epochRefSchema.shape.epoch.safeParse(Number(context.req.param("epoch")));
    if (!epoch.success) throw malformed("the epoch is not a number");
    return context.json({ records: engine.epochRecords(epoch.data) });
  });
  routes.post("/proposals", async (context) =>
    context.json(await engine.considerProposal(parseBody(await context.req.text(), proposalSchema))),
  );
  routes.post("/attestations", async (context) =>
    context.json({
      taken: await engine.receiveAttestation(parseBody(await context.req.text(), attestationNoticeSchema)),
    }),
  );
  return routes;
}

function authenticated(authenticator: PeerAuthenticator): MiddlewareHandler {
  return async ({ req }, next) => {
    const url = new URL(req.url);
    const path = `/v1/peer${url.pathname.split("/v1/peer")[1] ?? ""}${url.search}`;
    const request = { method: req.method, path, headers: req.raw.headers, body: await req.text() };
    const answer = await authenticator.authenticate(request);
    if ("because" in answer) throw unauthenticated(answer.because);
    await next();
  };
}

function parseBody<T>(text: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw malformed(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("the body is not JSON");
  }
}
