import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { InstrumentId } from "@plimsoll/protocol/ids";
import { proveDeleverage, proveMargin } from "@plimsoll/protocol/proofs";
import { deleverageProofToWire } from "@plimsoll/protocol/to-wire";
import { address, bytes32, bytes32List, counterparties, eid, epochNumber } from "./parameters.ts";
import { attestationFor, checkConsumer, findChain, orProblem } from "./proofs.ts";
import { findAttested, type ProvableEpochs } from "./provableEpochs.ts";
import { responses } from "./responses.ts";
import { deleverageProofSchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";

const deleverageProof = createRoute({
  method: "get",
  path: "/v1/proofs/deleverage",
  summary: "What a market needs to close an insolvent account against those on the other side",
  description:
    "The queue's leaf with its proof; and with one proof for all of them the leaves of the account, of the first in the " +
    "queue and of the accounts asked for, and of every instrument that any of these held there at the newest attested " +
    "epoch's cut, or that is asked for.",
  request: {
    query: z.object({
      eid,
      consumer: address,
      account: bytes32,
      counterparties: counterparties.optional(),
      accounts: bytes32List(16).optional(),
      instruments: bytes32List(64).optional(),
      epoch: epochNumber.optional().openapi({ description: "Default: the newest attested epoch." }),
    }),
  },
  responses: responses("Attestation, queue and proofs", deleverageProofSchema),
});

/** As many of the queue as a transaction has room for, by default. */
const defaultCounterparties = 16;

export function addDeleverageProofRoute(app: OpenAPIHono, source: ApiSource, epochs: ProvableEpochs): void {
  app.openapi(deleverageProof, (context) => {
    const query = context.req.valid("query");
    const { consumer, account } = query;
    const chain = findChain(source, query.eid);
    checkConsumer(chain, consumer);
    const { summary, provable } = epochs.find(query.epoch);
    const proven = orProblem("no-queue", () => proveDeleverage(provable, query.eid, consumer, account));
    const front = proven.leaf.queue.slice(0, query.counterparties ?? defaultCounterparties);
    const accounts = [account, ...front, ...(query.accounts ?? [])];
    // Of the newest epoch, whose state is in memory, and whatever was traded since is not known here.
    const { chains } = source.view.stateAt(findAttested(source.store, undefined).cut);
    const books = chains.get(query.eid)?.portfolios.get(consumer);
    const held = new Set<InstrumentId>(query.instruments);
    for (const one of accounts) for (const id of books?.get(one)?.positions.keys() ?? []) held.add(id);
    const instruments = [...held].filter((id) => provable.epoch.instruments.has(id));
    const margin = proveMargin(provable, query.eid, consumer, { accounts, instruments });
    const attestation = attestationFor(source, summary, provable, query.eid);
    return context.json(deleverageProofToWire(attestation, proven, margin), 200);
  });
}
