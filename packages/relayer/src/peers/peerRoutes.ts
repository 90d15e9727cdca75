import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { ProblemError, problemResponse } from "../api/problem.ts";
import { createRateLimiter, limitRate, requestsIn } from "../api/rateLimit.ts";
import { threadMs } from "../api/threadMs.ts";
import type { EpochEngine } from "../quorum/engine.ts";
import { attestationNoticeSchema, epochRefSchema, proposalSchema } from "../quorum/messages.ts";
import { operatorOf, type PeerAuthenticator, peerWindowMs, type Unauthenticated } from "./authentication.ts";

const mostBodyBytes = 4 * 1024 * 1024;
/** Requests of one operator that are answered at a time: a leader has one under way, and asks for some epochs beside it. */
const mostAtOnce = 16;
/** What one operator may have read out to it, in requests as the API counts them: a quarter of this thread. */
const reading = { perSecond: 50, burst: 4_000 };
/** What is not signed, from one address. */
const unsigned = { perSecond: 100, burst: 400 };
const nowMs = () => performance.now();

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
export function createPeerRoutes(
  engine: EpochEngine,
  authenticator: PeerAuthenticator,
  clientOf: (headers: Headers, env: unknown) => string,
): Hono {
  const routes = new Hono();
  routes.use(limitUnsigned(clientOf));
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
  routes.use(limitAtOnce());
  routes.use("/epochs/*", limitRate(createRateLimiter({ ...reading, nowMs }), operatorOf));
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

/** A stranger's requests count, with the time that they took; an operator's, once known for that, do not. */
function limitUnsigned(clientOf: (headers: Headers, env: unknown) => string): MiddlewareHandler {
  const limiter = createRateLimiter({ ...unsigned, nowMs });
  return async (context, next) => {
    const client = clientOf(context.req.raw.headers, context.env);
    if (limiter.left(client) < 1 / unsigned.burst)
      throw tooMany("This address asks too often without being an operator's.");
    const startMs = threadMs();
    await next();
    if (context.res.status !== 401) return;
    limiter.take(client);
    limiter.charge(client, requestsIn(threadMs() - startMs));
  };
}

/** Whatever waits is kept in memory, and a request may be megabytes. */
function limitAtOnce(): MiddlewareHandler {
  const open = new Map<string, number>();
  return async ({ req }, next) => {
    const operator = operatorOf(req.raw.headers);
    const mine = open.get(operator) ?? 0;
    if (mine >= mostAtOnce) throw tooMany("This operator has too many requests under way.");
    open.set(operator, mine + 1);
    try {
      await next();
    } finally {
      open.set(operator, (open.get(operator) ?? 1) - 1);
    }
  };
}

const tooMany = (detail: string) =>
  new ProblemError(429, "too-many-requests", detail, "Wait a second, and ask less often.", { "retry-after": "1" });

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
