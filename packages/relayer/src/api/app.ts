import { OpenAPIHono } from "@hono/zod-openapi";
import type { Logger } from "pino";
import { createPeerRoutes } from "../peers/peerRoutes.ts";
import type { EpochEngine } from "../quorum/engine.ts";
import { addAccountRoutes } from "./accounts.ts";
import { addChainRoutes } from "./chains.ts";
import { addEpochRoutes } from "./epochs.ts";
import { addMessageRoutes } from "./messages.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { addProofRoutes } from "./proofs.ts";
import { createProvableEpochs, type ProvableEpochs } from "./provableEpochs.ts";
import type { ApiSource } from "./source.ts";

export interface AppOptions {
  readonly source: ApiSource;
  readonly engine: EpochEngine;
  readonly log: Logger;
  readonly epochs?: ProvableEpochs;
}

/** The node's HTTP API: for people and programs under /v1, for other operators under /v1/peer. */
export function createApp({ source, engine, log, epochs = createProvableEpochs(source) }: AppOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      const detail = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
      throw new ProblemError(400, "malformed-request", detail, "See /openapi.json for what this route takes.");
    },
  });
  addAccountRoutes(app, source);
  addProofRoutes(app, source, epochs);
  addEpochRoutes(app, source);
  addMessageRoutes(app, source);
  addChainRoutes(app, source);
  app.doc31("/openapi.json", {
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
  app.route("/v1/peer", createPeerRoutes(engine));

  app.notFound((context) =>
    problemResponse(
      new ProblemError(404, "unknown-route", `There is no ${context.req.path}.`, "GET /openapi.json lists all routes."),
    ),
  );
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error);
    log.error({ err: error }, "request failed");
    const hint = "Try again; the node's log tells more.";
    return problemResponse(new ProblemError(500, "internal", "The node failed to answer.", hint));
  });
  return app;
}
