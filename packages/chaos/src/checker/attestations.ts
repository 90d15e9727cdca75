import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { Hex } from "viem";
import { type ChainReader, wholeHistory } from "./reader.ts";
import { violated } from "./vaults.ts";
import type { Violation } from "./violation.ts";

/** What one chain took as attested, in order. */
export interface Posted {
  readonly chain: string;
  readonly epoch: bigint;
  readonly root: Hex;
}

export async function readPosted(reader: ChainReader): Promise<Posted[]> {
  const events = await reader.client.getContractEvents({
    address: reader.chain.contracts.attestations,
    abi: solvencyAttestationsAbi,
    ...wholeHistory(reader),
    eventName: "AttestationPosted",
    strict: true,
  });
  return events.map(({ args }) => ({ chain: reader.chain.name, epoch: args.epoch, root: args.root }));
}

/** One root an epoch over all chains, and on each chain only newer epochs after older ones. */
export function checkPosted(posted: readonly Posted[]): Violation[] {
  const firstByEpoch = new Map<bigint, Posted>();
  const newestByChain = new Map<string, bigint>();
  return posted.flatMap((post) => {
    const first = firstByEpoch.get(post.epoch) ?? post;
    firstByEpoch.set(post.epoch, first);
    const newest = newestByChain.get(post.chain) ?? -1n;
    newestByChain.set(post.chain, post.epoch);
    const other = `epoch ${post.epoch} has root ${post.root}, and ${first.root} on ${first.chain}`;
    return [
      ...violated(post.root !== first.root, "one-root-per-epoch", post.chain, other),
      ...violated(post.epoch <= newest, "one-root-per-epoch", post.chain, `epoch ${post.epoch} came after ${newest}`),
    ];
  });
}
