import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Logger } from "pino";
import type { PeerAuthenticator } from "../peers/authentication.ts";
import { createPeerRoutes } from "../peers/peerRoutes.ts";
import type { EpochEngine } from "../quorum/engine.ts";
import { createReportKeeper, type ReportKeeper } from "./accountReports.ts";
import { addAccountRoutes, createAccountLookup } from "./accounts.ts";
import { addChainRoutes } from "./chains.ts";
import { clientOf } from "./client.ts";
import { addDeleverageProofRoute } from "./deleverageProof.ts";
import { addDocRoutes } from "./docs.ts";
import { addEpochRoutes } from "./epochs.ts";
import { addHealthRoutes } from "./health.ts";
import { addInstrumentRoutes } from "./instruments.ts";
import { addLiquidationRoutes } from "./liquidations.ts";
import { addLiveRoutes } from "./live/routes.ts";
import { createStreams } from "./live/streams.ts";
import { addMessageRoutes } from "./messages.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { addProofRoutes } from "./proofs.ts";
import { createProvableEpochs, type ProvableEpochs } from "./provableEpochs.ts";
import { createRateLimiter, limitOfEverybody, limitRate } from "./rateLimit.ts";
import type { ApiSource } from "./source.ts";
import { addStatusRoute } from "./status.ts";
import { addVaultRoutes } from "./vaults.ts";
import { addWhatIfRoute } from "./whatIf.ts";

export interface ApiLimits {
  /** Requests of one address, on average and at once. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Trusted proxies in front, each of which adds to X-Forwarded-For. */
  readonly proxies: number;
  /** Streams of live updates, of all addresses together. */
  readonly streams: number;
}

export interface AppOptions {
  readonly source: ApiSource;
  readonly engine: EpochEngine;
  readonly authenticator: PeerAuthenticator;
  readonly limits: ApiLimits;
  readonly log: Logger;
  readonly epochs?: ProvableEpochs;
  /** Told of every answer. */
  readonly answered?: (status: number, seconds: number) => void;
}

/** The HTTP API, and what its owner tells it. */
export interface App {
  readonly http: OpenAPIHono;
  readonly reports: ReportKeeper;
  openStreams(): number;
  /** Something may have changed: live updates look. */
  wake(): void;
  /** Ends the live updates, which would go on for ever. */
  close(): void;
}

/** The node's HTTP API: for people and programs under /v1, for other operators under /v1/peer. */
export function createApp(options: AppOptions): App {
  const { source, engine, authenticator, limits, log, epochs = createProvableEpochs(source) } = options;
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      const detail = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
      throw new ProblemError(400, "malformed-request", detail, "See /docs for what this route takes.");
    },
  });
  const client = (headers: Headers, env: unknown) => clientOf(headers, env, limits.proxies);
  const { requestsPerSecond: perSecond, burst } = limits;
  const streams = createStreams({ inAll: limits.streams, ofOne: Math.max(1, Math.ceil(limits.streams / 10)) });
  const reports = createReportKeeper(source, log);
  const accountOf = createAccountLookup(source, reports);

  // Before the limit: an orchestrator that looks often must not be told that the node is dead.
  app.use(async (context, next) => {
    const start = performance.now();
    await next();
    if (!context.req.path.startsWith("/v1/live")) {
      options.answered?.(context.res.status, (performance.now() - start) / 1000);
    }
  });
  addHealthRoutes(app, source);
  // Operators have limits of their own: what a proposal takes must not keep the next one from being heard.
  app.route("/v1/peer", createPeerRoutes(engine, authenticator, client));
  const nowMs = () => performance.now();
  app.use(limitRate(createRateLimiter({ perSecond, burst, nowMs }), client, undefined, limitOfEverybody(nowMs)));
  app.use(
    "/v1/*",
    cors({ origin: "*", allowMethods: ["GET", "POST"], exposeHeaders: ["retry-after"], maxAge: 86_400 }),
  );
  app.use(bodyLimitOfGets);
  addAccountRoutes(app, accountOf);
  // Their time is off the address's rate of all requests already; as questions each counts as one.
  const eachAsOne = () => 0;
  addWhatIfRoute(app, source, reports, limitRate(createRateLimiter(questions), client, eachAsOne));
  addProofRoutes(app, source, epochs);
  addDeleverageProofRoute(app, source, epochs);
  addEpochRoutes(app, source);
  addMessageRoutes(app, source);
  addChainRoutes(app, source);
  addVaultRoutes(app, source, reports);
  addInstrumentRoutes(app, reports);
  addLiquidationRoutes(app, source, reports);
  addStatusRoute(app, source, () => streams.open);
  addLiveRoutes(app, { source, streams, accountOf, clientOf: client });
  addDocRoutes(app, {
    openapi: "3.1.0",
    info: {
      title: "Plimsoll node",
      version: source.version,
      description:
        "Margin accounts over several chains, and the proofs with which contracts check them. Amounts are decimal " +
        "strings of integers: USD with 8 decimals, tokens in their own decimals.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
  });
  app.notFound((context) =>
    problemResponse(
      new ProblemError(404, "unknown-route", `There is no ${context.req.path}.`, "GET /docs lists all routes."),
    ),
  );
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error);
    log.error({ err: error }, "request failed");
    const hint = "Try again; the node's log tells more.";
    return problemResponse(new ProblemError(500, "internal", "The node failed to answer.", hint));
  });
  return { http: app, reports, openStreams: () => streams.open, wake: streams.wake, close: streams.close };
}

/** Of one address: a question takes tens of milliseconds. */
const questions = { perSecond: 1, burst: 5, nowMs: () => performance.now() };

/** Only operators send bodies, and who asks what if: their routes have limits of their own. */
const bodyLimitOfGets: MiddlewareHandler = async ({ req }, next) => {
  const hasBody = Number(req.header("content-length") ?? 0) > 0 || req.header("transfer-encoding") !== undefined;
  if (hasBody && !req.path.startsWith("/v1/peer/") && !req.path.endsWith("/what-if")) {
    throw new ProblemError(413, "refused-body", "This route takes no body.", "Send the request without one.");
  }
  await next();
};
