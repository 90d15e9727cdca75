import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { healthView } from "./chains.ts";
import type { ApiSource } from "./source.ts";

const healthAnswer = z.object({ status: z.literal("alive") }).openapi("Alive");
const readyAnswer = z
  .object({
    ready: z.boolean(),
    because: z.array(z.string()).openapi({ description: "Why not: draining, no-epoch-yet, catching-up." }),
  })
  .openapi("Ready");

const content = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } });

const alive = createRoute({
  method: "get",
  path: "/health",
  summary: "Whether the process answers",
  description: "For an orchestrator that restarts what hangs. A node that catches up is alive.",
  responses: { 200: { description: "It does.", content: content(healthAnswer) } },
});

const ready = createRoute({
  method: "get",
  path: "/ready",
  summary: "Whether this node should be asked",
  description: "For a load balancer. 503 while it catches up, has no epoch yet, or is about to end.",
  responses: {
    200: { description: "It should.", content: content(readyAnswer) },
    503: { description: "Not now.", content: content(readyAnswer) },
  },
});

export function addHealthRoutes(app: OpenAPIHono, source: ApiSource): void {
  app.openapi(alive, (context) => context.json({ status: "alive" as const }, 200));
  app.openapi(ready, (context) => {
    const because = reasonsNotReady(source);
    return context.json({ ready: because.length === 0, because }, because.length === 0 ? 200 : 503);
  });
}

function reasonsNotReady(source: ApiSource): string[] {
  const { epoch, status } = healthView(source);
  return [
    ...(source.draining() ? ["draining"] : []),
    ...(epoch === null ? ["no-epoch-yet"] : []),
    // A chain that cannot be read is the chain's trouble: accounts and proofs are served without it.
    ...(status === "catching-up" && epoch !== null ? ["catching-up"] : []),
  ];
}
