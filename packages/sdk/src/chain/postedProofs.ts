import type { Config } from "@wagmi/core";
import type { Client } from "viem";
import type { Plimsoll } from "../createPlimsoll.ts";
import type { DeployedChain } from "../deployment.ts";
import { ContractRefused, StaleProof } from "../errors/contract.ts";
import { isProblem } from "../errors/node.ts";
import type { Attestation } from "../node/headerSchema.ts";
import { pause } from "../poll.ts";
import { postAttestation } from "./postAttestation.ts";
import { postedEpoch } from "./postedEpoch.ts";
import type { Wallet } from "./wallet.ts";

export interface PostedProofsParameters<Proofs> {
  readonly chain: DeployedChain;
  readonly client: Client;
  /** Pays where an attestation has to be posted. */
  readonly wallet: Wallet;
  /** Proofs at an epoch, or at the newest attested one. `skip` asks another node. */
  readonly fetch: (at: { readonly epoch?: bigint | undefined; readonly skip: number }) => Promise<Proofs>;
  /** Whether the epoch that the chain has says what is needed; else the newest one is posted. */
  readonly suffices: (proofs: Proofs) => boolean;
  /** How often proofs are fetched if newer epochs overtake them; 4 by default. */
  readonly attempts?: number | undefined;
}

/**
 * Does something with proofs of the epoch that the chain has posted: of the one it has if that says what is needed, which
 * saves the posting, or else of the newest one, once it is posted, by us or by a relayer that was faster. Starts again
 * where a newer epoch was posted, or a position changed, in between.
 *
 * @throws {StaleProof} if epochs kept overtaking the proofs, or no node has the chain's newest
 */
export async function withPostedProofs<Proofs extends { readonly attestation: Attestation }, Result>(
  config: Config,
  plimsoll: Plimsoll,
  parameters: PostedProofsParameters<Proofs>,
  use: (proofs: Proofs) => Promise<Result>,
): Promise<Result> {
  const { attempts = 4 } = parameters;
  for (let attempt = 1; ; attempt++) {
    try {
      return await use(await postedProofs(config, parameters, attempt));
    } catch (error) {
      if (attempt >= attempts || !canBeOvertaken(error)) throw error;
      if (attempt > 1) await pause(plimsoll.pollIntervalMilliseconds);
    }
  }
}

async function postedProofs<Proofs extends { readonly attestation: Attestation }>(
  config: Config,
  { chain, client, wallet, fetch, suffices }: PostedProofsParameters<Proofs>,
  attempt: number,
): Promise<Proofs> {
  const skip = attempt - 1;
  const posted = await postedEpoch(client, chain);
  if (posted > 0n && attempt === 1) {
    const there = await fetch({ epoch: posted, skip }).catch(nullIfForgotten);
    if (there !== null && suffices(there)) return there;
  }
  const newest = await fetch({ skip });
  const { attestation } = newest;
  const { epoch } = attestation.header;
  if (posted > epoch) throw new StaleProof(epoch, posted);
  if (posted < epoch) {
    try {
      await postAttestation(config, { chain, wallet, attestation });
    } catch (error) {
      if (!(error instanceof StaleProof) || (await postedEpoch(client, chain)) !== epoch) throw error;
    }
  }
  return newest;
}

/** The node does not have that epoch (any more), or has nothing of it to prove. */
function nullIfForgotten(error: unknown): null {
  if (isProblem(error, "unknown-epoch", "epoch-pruned", "unknown-instrument", "no-queue")) return null;
  throw error;
}

/** Refusals that fresh proofs may cure. */
function canBeOvertaken(error: unknown): boolean {
  if (error instanceof StaleProof) return true;
  const overtaken = ["EpochExpired", "MissingInstrument", "InvalidQueue", "InvalidSettlementProof"];
  return error instanceof ContractRefused && overtaken.includes(error.errorName ?? "");
}
