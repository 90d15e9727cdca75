import { Hono, type Context as HonoContext } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { ProblemError, problemResponse } from "../api/problem.ts";
import type { EpochEngine } from "../quorum/engine.ts";
import { attestationNoticeSchema, epochRefSchema, proposalSchema } from "../quorum/messages.ts";

const mostBodyBytes = 4 * 1024 * 1024;

const malformed = (detail: string) =>
  new ProblemError(400, "malformed-request", detail, "Run the same version on all operators' nodes.");

async function parseBody<T>(context: HonoContext, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await context.req.json().catch(() => {
    throw malformed("the body is not JSON");
  });
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw malformed(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  return parsed.data;
}

/** What operators ask of each other. Nothing here is secret, and what is not signed by a member has no effect. */
export function createPeerRoutes(engine: EpochEngine): Hono {
  const routes = new Hono();
  routes.use(
    bodyLimit({
      maxSize: mostBodyBytes,
      onError: () =>
        problemResponse(new ProblemError(400, "refused-body", "the body is too large", "Send at most 4 MiB.")),
    }),
  );
  routes.get("/status", (context) => context.json(engine.status()));
  routes.get("/epochs/:epoch", (context) => {
    const epoch = epochRefSchema.shape.epoch.safeParse(Number(context.req.param("epoch")));
    if (!epoch.success) throw malformed("the epoch is not a number");
    return context.json({ records: engine.epochRecords(epoch.data) });
  });
  routes.post("/proposals", async (context) =>
    context.json(await engine.considerProposal(await parseBody(context, proposalSchema))),
  );
  routes.post("/attestations", async (context) =>
    context.json({ taken: await engine.receiveAttestation(await parseBody(context, attestationNoticeSchema)) }),
  );
  return routes;
}
