import { accountOfKey, assetOfKey } from "@plimsoll/protocol/chain-tree";
import type { Eid } from "@plimsoll/protocol/ids";
import { claimTransaction, reportTransaction } from "./contracts.ts";
import { broadcastSets, currentSet } from "./rotation.ts";
import type { Surroundings } from "./surroundings.ts";

/** What owners and helpers do once all is well: report what the hub lacks, and claim what was approved. */
export function tidyUp(around: Surroundings): void {
  const { chains, oracle } = around;
  broadcastSets(around);
  for (const [eid, account] of unreported(around)) chains.get(eid)?.mine(reportTransaction(eid, account));
  for (const chain of chains.values()) {
    const { posted, vaultTotals } = chain.head().state;
    const approved = posted === null ? undefined : oracle.epochOf(posted.digest)?.chains.get(chain.eid)?.withdrawals;
    for (const [key, { approvedTotal }] of approved ?? []) {
      if (approvedTotal <= (vaultTotals.get(key)?.withdrawn ?? 0n)) continue;
      const holding = { eid: chain.eid, account: accountOfKey(key), asset: assetOfKey(key) };
      chain.mine(claimTransaction(holding, oracle.epochOf));
    }
  }
}

function unreported({ chains }: Surroundings) {
  const hub = chains.get(1)?.head().state;
  const behind = new Map<string, readonly [Eid, ReturnType<typeof accountOfKey>]>();
  for (const chain of chains.values()) {
    for (const [key, { deposited }] of chain.head().state.vaultTotals) {
      const account = accountOfKey(key);
      if ((hub?.ledger.get(chain.eid)?.get(key)?.deposited ?? 0n) < deposited) {
        behind.set(`${chain.eid} ${account}`, [chain.eid, account]);
      }
    }
  }
  return [...behind.values()];
}

/** What is still amiss, in words; null when the system has recovered from all that happened before `calmMs`. */
export function notYetWell(around: Surroundings, calmMs: number): string | null {
  const { chains, oracle } = around;
  const fresh = oracle.attested.filter(({ header }) => header.issuedAt * 1000 >= calmMs);
  const newest = fresh.reduce<(typeof fresh)[number] | undefined>(
    (best, one) => (best === undefined || one.header.epoch > best.header.epoch ? one : best),
    undefined,
  );
  if (newest === undefined) return "no epoch was attested";
  if (newest.set.id !== currentSet(around)?.id) return "the newest operators attested no epoch";
  for (const chain of chains.values()) {
    const { posted, vaultTotals } = chain.head().state;
    if (posted === null || posted.issuedAt * 1000 < calmMs) return `chain ${chain.eid} got no fresh attestation`;
    const hubBlock = newest.epoch.cut.find(({ eid }) => eid === 1);
    const counted = chains.get(1)?.blocks[hubBlock?.number ?? 0]?.state.ledger.get(chain.eid);
    const seen = chain.blocks[newest.epoch.cut.find(({ eid }) => eid === chain.eid)?.number ?? 0]?.state.vaultTotals;
    for (const [key, { deposited, withdrawn }] of vaultTotals) {
      if ((counted?.get(key)?.deposited ?? 0n) < deposited || (seen?.get(key)?.deposited ?? 0n) < deposited) {
        return `a deposit on ${chain.eid} is not credited`;
      }
      if ((newest.epoch.chains.get(chain.eid)?.withdrawals.get(key)?.approvedTotal ?? 0n) > withdrawn) {
        return `an approved withdrawal on ${chain.eid} cannot be claimed`;
      }
    }
  }
  return null;
}
