import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Address } from "viem";
import { type DeleverageProofs, deleverageProofsSchema } from "./proofSchemas.ts";
import { type NodePool, requestNode } from "./requestNode.ts";

export interface FetchDeleverageProofsParameters {
  readonly eid: Eid;
  readonly market: Address;
  readonly account: AccountId;
  /** Others whose leaves are needed, such as the backstop. */
  readonly accounts: readonly AccountId[];
  /** How many of the queue; the node's choice by default. */
  readonly counterparties?: number | undefined;
  /** The newest attested one by default. */
  readonly epoch?: bigint | undefined;
  readonly skip?: number | undefined;
}

/** Against whom an insolvent account's book is closed, with leaves and proofs at one epoch and its attestation. */
export function fetchDeleverageProofs(
  pool: NodePool,
  parameters: FetchDeleverageProofsParameters,
): Promise<DeleverageProofs> {
  const { eid, market, account, accounts, counterparties, epoch, skip = 0 } = parameters;
  return requestNode(pool, {
    path: "/v1/proofs/deleverage",
    query: {
      eid: String(eid),
      consumer: market,
      account,
      ...(accounts.length === 0 ? {} : { accounts: accounts.join(",") }),
      ...(counterparties === undefined ? {} : { counterparties: String(counterparties) }),
      ...(epoch === undefined ? {} : { epoch: String(epoch) }),
    },
    schema: deleverageProofsSchema,
    skip,
  });
}
