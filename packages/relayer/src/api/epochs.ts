import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { EpochJson } from "@plimsoll/protocol/wire";
import { refOf } from "../quorum/known.ts";
import type { EpochSummary } from "../store/store.ts";
import { epochNumber, limit } from "./parameters.ts";
import { findAttested } from "./provableEpochs.ts";
import { responses } from "./responses.ts";
import { epochSchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";

const listEpochs = createRoute({
  method: "get",
  path: "/v1/epochs",
  summary: "Attested epochs, newest first",
  request: { query: z.object({ limit: limit.optional(), before: epochNumber.optional() }) },
  responses: responses("Epochs", z.array(epochSchema)),
});

const getEpoch = createRoute({
  method: "get",
  path: "/v1/epochs/{epoch}",
  summary: "One attested epoch: its cut, its signers, and where it was posted",
  request: { params: z.object({ epoch: epochNumber }) },
  responses: responses("The epoch", epochSchema),
});

export function addEpochRoutes(app: OpenAPIHono, source: ApiSource): void {
  app.openapi(listEpochs, (context) => {
    const query = context.req.valid("query");
    const found = source.store.listAttested(query.limit ?? 50, query.before);
    return context.json(
      found.map((summary) => epochView(source, summary)),
      200,
    );
  });
  app.openapi(getEpoch, (context) => {
    const summary = findAttested(source.store, context.req.valid("param").epoch);
    return context.json(epochView(source, summary), 200);
  });
}

/** An epoch as it is told. */
export function epochView({ store, postingsOf }: ApiSource, summary: EpochSummary): EpochJson {
  const { header, cut, attestedAtMs } = summary;
  return {
    header: { ...header },
    cut: cut.map((block) => ({ ...block })),
    chainRoots: summary.chainRoots.map(({ eid, root }) => ({ eid, root })),
    signers: store.signaturesOf(refOf(summary)).map(({ signer }) => signer),
    attested: attestedAtMs !== null,
    posted: postingsOf(header.epoch).map(({ eid, blockNumber, transactionHash }) => ({
      eid,
      blockNumber,
      transactionHash,
    })),
  };
}
