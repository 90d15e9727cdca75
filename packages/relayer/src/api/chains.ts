import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { HealthJson } from "@plimsoll/protocol/wire";
import { mostLagBlocks } from "../liveness/reportProgress.ts";
import { responses } from "./responses.ts";
import { chainSchema, healthSchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";

const listChains = createRoute({
  method: "get",
  path: "/v1/chains",
  summary: "What is deployed where, and how far this node has read",
  responses: responses("Chains", z.array(chainSchema)),
});

const health = createRoute({
  method: "get",
  path: "/v1/health",
  summary: "Whether this node serves: 200 when it does, 503 with the same body when it does not",
  responses: {
    200: { description: "It serves.", content: { "application/json": { schema: healthSchema } } },
    503: { description: "It does not.", content: { "application/json": { schema: healthSchema } } },
  },
});

export function addChainRoutes(app: OpenAPIHono, source: ApiSource): void {
  app.openapi(listChains, (context) => {
    const posted = source.newestPosted();
    const statuses = new Map(source.chainStatus().map((status) => [status.eid, status]));
    return context.json(
      source.chains.map(({ eid, chainId, name, hub, contracts }) => {
        const { head = -1, finalized = -1, indexed = -1 } = statuses.get(eid) ?? {};
        return { eid, chainId, name, hub, contracts, head, finalized, indexed, postedEpoch: posted.get(eid) ?? null };
      }),
      200,
    );
  });
  app.openapi(health, (context) => {
    const body = healthView(source);
    return context.json(body, body.status === "ok" ? 200 : 503);
  });
}

/** `degraded`: a chain cannot be read. `catching-up`: there is more to read, or no epoch yet. */
export function healthView(source: ApiSource): HealthJson {
  const chains = source.chainStatus();
  const epoch = source.store.newestAttested()?.header.epoch ?? null;
  const behind = epoch === null || chains.length === 0 || chains.some(({ lagBlocks }) => lagBlocks > mostLagBlocks);
  const broken = chains.some(({ ok }) => !ok);
  return {
    status: broken ? "degraded" : behind ? "catching-up" : "ok",
    operator: source.operator,
    version: source.version,
    epoch,
    chains: chains.map(({ eid, lagBlocks, ok, problem }) => ({ eid, lagBlocks, ok, problem })),
  };
}
