import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Address } from "viem";
import { isProblem } from "../errors/node.ts";
import { type WithdrawalProof, withdrawalProofSchema } from "./proofSchemas.ts";
import { type NodePool, requestNode } from "./requestNode.ts";

export interface FetchWithdrawalProofParameters {
  readonly eid: Eid;
  readonly account: AccountId;
  readonly asset: Address;
  /** The newest attested one by default. */
  readonly epoch?: bigint | undefined;
  readonly skip?: number | undefined;
}

const nothing = ["nothing-approved", "unknown-account", "no-epoch-yet", "unknown-epoch", "epoch-pruned"];

/**
 * Leaf and proof of what is approved for payout, with the epoch's attestation; null where nothing was, or where the
 * node does not have that epoch (any more).
 */
export async function fetchWithdrawalProof(
  pool: NodePool,
  parameters: FetchWithdrawalProofParameters,
): Promise<WithdrawalProof | null> {
  const { eid, account, asset, epoch, skip = 0 } = parameters;
  const isTheirs = ({ leaf }: WithdrawalProof) =>
    leaf.account === account.toLowerCase() && leaf.asset === asset.toLowerCase();
  try {
    return await requestNode(pool, {
      path: "/v1/proofs/withdrawal",
      query: { eid: String(eid), account, asset, ...(epoch === undefined ? {} : { epoch: String(epoch) }) },
      schema: withdrawalProofSchema.refine(isTheirs, "the leaf is another account's or asset's"),
      skip,
    });
  } catch (error) {
    if (isProblem(error, ...nothing)) return null;
    throw error;
  }
}
