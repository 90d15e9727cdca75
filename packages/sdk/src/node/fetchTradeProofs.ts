import type { AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import type { Address } from "viem";
import { type TradeProofs, tradeProofsSchema } from "./proofSchemas.ts";
import { type NodePool, requestNode } from "./requestNode.ts";

export interface FetchTradeProofsParameters {
  readonly eid: Eid;
  readonly market: Address;
  readonly accounts: readonly AccountId[];
  readonly instruments: readonly InstrumentId[];
  /** The newest attested one by default. */
  readonly epoch?: bigint | undefined;
  readonly skip?: number | undefined;
}

/** Leaves and proofs of accounts and instruments at one epoch, with the epoch's attestation. */
export function fetchTradeProofs(pool: NodePool, parameters: FetchTradeProofsParameters): Promise<TradeProofs> {
  const { eid, market, accounts, instruments, epoch, skip = 0 } = parameters;
  return requestNode(pool, {
    path: "/v1/proofs/trade",
    query: {
      eid: String(eid),
      consumer: market,
      accounts: accounts.join(","),
      ...(instruments.length === 0 ? {} : { instruments: instruments.join(",") }),
      ...(epoch === undefined ? {} : { epoch: String(epoch) }),
    },
    schema: tradeProofsSchema,
    skip,
  });
}
