import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ChainConfig } from "@plimsoll/indexer/config";
import { joinSignatures } from "@plimsoll/protocol/attestation";
import { NoSuchLeaf } from "@plimsoll/protocol/errors";
import {
  type ProvableEpoch,
  proveChain,
  proveInstrument,
  proveMargin,
  proveWithdrawal,
} from "@plimsoll/protocol/proofs";
import {
  attestationToWire,
  instrumentProofToWire,
  marginProofToWire,
  withdrawalProofToWire,
} from "@plimsoll/protocol/to-wire";
import type { AttestationJson } from "@plimsoll/protocol/wire";
import type { Address } from "viem";
import { membersOnly } from "../quorum/attest.ts";
import { refOf } from "../quorum/known.ts";
import type { EpochSummary } from "../store/store.ts";
import { address, bytes32, bytes32List, eid, epochNumber } from "./parameters.ts";
import { type ProblemCode, ProblemError } from "./problem.ts";
import { findAttested, type ProvableEpochs } from "./provableEpochs.ts";
import { responses } from "./responses.ts";
import { instrumentProofSchema, tradeProofsSchema, withdrawalProofSchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";

const tradeProofs = createRoute({
  method: "get",
  path: "/v1/proofs/trade",
  summary: "What a contract needs to check a trade",
  description:
    "The attestation to post, and the leaves of accounts and instruments at one consumer with one proof for all of " +
    "them. An account without an allotment there has no leaf: it is left out, and the contract lets it reduce.",
  request: {
    query: z.object({
      eid,
      consumer: address,
      accounts: bytes32List(16),
      instruments: bytes32List(64).optional().openapi({ description: "None where no position is held." }),
      epoch: epochNumber.optional().openapi({ description: "Default: the newest attested epoch." }),
    }),
  },
  responses: responses("Attestation and proofs", tradeProofsSchema),
});

const instrumentProof = createRoute({
  method: "get",
  path: "/v1/proofs/instrument",
  summary: "What a market needs to settle an instrument that has expired",
  description:
    "An instrument's leaf with a path of its own. Status 2 says that it has settled; before that a market refuses it.",
  request: {
    query: z.object({
      eid,
      instrument: bytes32,
      epoch: epochNumber.optional().openapi({ description: "Default: the newest attested epoch." }),
    }),
  },
  responses: responses("Attestation and proof", instrumentProofSchema),
});

const withdrawalProof = createRoute({
  method: "get",
  path: "/v1/proofs/withdrawal",
  summary: "What a vault needs to pay an approved withdrawal",
  request: {
    query: z.object({
      eid,
      account: bytes32,
      asset: address,
      epoch: epochNumber.optional().openapi({ description: "Default: the newest attested epoch." }),
    }),
  },
  responses: responses("Attestation and proof", withdrawalProofSchema),
});

export function addProofRoutes(app: OpenAPIHono, source: ApiSource, epochs: ProvableEpochs): void {
  app.openapi(tradeProofs, (context) => {
    const query = context.req.valid("query");
    const chain = findChain(source, query.eid);
    checkConsumer(chain, query.consumer);
    const { summary, provable } = epochs.find(query.epoch);
    const proof = orProblem("unknown-instrument", () =>
      proveMargin(provable, query.eid, query.consumer, {
        accounts: query.accounts,
        instruments: query.instruments ?? [],
      }),
    );
    const attestation = attestationFor(source, summary, provable, query.eid);
    return context.json({ attestation, ...marginProofToWire(proof) }, 200);
  });

  app.openapi(instrumentProof, (context) => {
    const query = context.req.valid("query");
    findChain(source, query.eid);
    const { summary, provable } = epochs.find(query.epoch);
    const proven = orProblem("unknown-instrument", () => proveInstrument(provable, query.eid, query.instrument));
    const attestation = attestationFor(source, summary, provable, query.eid);
    return context.json(instrumentProofToWire(attestation, proven), 200);
  });

  app.openapi(withdrawalProof, (context) => {
    const query = context.req.valid("query");
    findChain(source, query.eid);
    const { summary, provable } = epochs.find(query.epoch);
    // Of the newest epoch, whose state is in memory; assets are never unlisted.
    const { risk } = source.view.stateAt(findAttested(source.store, undefined).cut).hub;
    const known = risk.assets.has(`${query.eid}:${query.asset}`);
    if (!known) {
      const detail = `${query.asset} is not registered as collateral on eid ${query.eid}.`;
      throw new ProblemError(404, "unknown-asset", detail, "GET /v1/accounts/{account} lists an account's assets.");
    }
    const proven = orProblem("nothing-approved", () =>
      proveWithdrawal(provable, query.eid, query.account, query.asset),
    );
    const attestation = attestationFor(source, summary, provable, query.eid);
    return context.json(withdrawalProofToWire(attestation, proven), 200);
  });
}

/** An attested epoch as `SolvencyAttestations.post` of one chain takes it: with no more signatures than it asks for. */
export function attestationFor(
  { store, view }: Pick<ApiSource, "store" | "view">,
  summary: EpochSummary,
  provable: ProvableEpoch,
  chain: number,
): AttestationJson {
  const set = view.operatorSetAt(summary.cut);
  const signatures = joinSignatures(membersOnly(store.signaturesOf(refOf(summary)), set).slice(0, set?.threshold));
  return attestationToWire(summary.header, proveChain(provable, chain), signatures);
}

/** @throws ProblemError unknown-chain */
export function findChain({ chains }: Pick<ApiSource, "chains">, wanted: number): ChainConfig {
  const chain = chains.find((candidate) => candidate.eid === wanted);
  if (chain !== undefined) return chain;
  throw new ProblemError(404, "unknown-chain", `No chain has eid ${wanted} here.`, "GET /v1/chains lists the chains.");
}

/** @throws ProblemError unknown-consumer */
export function checkConsumer(chain: ChainConfig, consumer: Address): void {
  if (!chain.contracts.consumers.includes(consumer)) throw unknownConsumer(consumer, chain);
}

function unknownConsumer(consumer: Address, { eid: chain }: ChainConfig): ProblemError {
  const detail = `${consumer} is no consumer on eid ${chain}.`;
  return new ProblemError(404, "unknown-consumer", detail, "GET /v1/chains lists the consumers of every chain.");
}

/** What has no leaf in the epoch is the client's to know of. */
export function orProblem<T>(code: ProblemCode, prove: () => T): T {
  try {
    return prove();
  } catch (error) {
    if (error instanceof NoSuchLeaf) throw new ProblemError(404, code, error.message, error.hint);
    throw error;
  }
}
