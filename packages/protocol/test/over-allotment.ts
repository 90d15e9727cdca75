import { divUp } from "@plimsoll/risk/fixed-point";
import type { Address } from "viem";
import { type Allotment, accountStatus, type Epoch } from "../src/epoch.ts";
import type { AccountId } from "../src/ids.ts";
import type { StateAtCut } from "../src/state.ts";

/** What `OperatorBonds.proveOverAllotment` would find in an epoch of one account. USD with 8 decimals. */
export interface OverAllotment {
  readonly account: AccountId;
  /** What all its leaves together let it lose with no shock. */
  readonly allotted: bigint;
  /** The most that what the ledger says it deposited can be worth. */
  readonly worth: bigint;
  /** Why it would be refused all the same, or null. */
  readonly refusal: "missing-allotment" | "only-reduce-only" | null;
}

/** Every account that an epoch gives a leaf, judged as the contract judges it. */
export function judgeAllotments(epoch: Epoch, state: StateAtCut): OverAllotment[] {
  const consumers = [...state.hub.risk.consumers.keys()].map((key) => {
    const [eid, consumer] = key.split(":");
    return epoch.chains.get(Number(eid))?.allotments.get(consumer as Address) ?? new Map<AccountId, Allotment>();
  });
  const accounts = new Set(consumers.flatMap((leaves) => [...leaves.keys()]));
  return Array.from(accounts, (account) => {
    const leaves = consumers.flatMap((byAccount) => byAccount.get(account) ?? []);
    const allotted = leaves.reduce((sum, { losses }) => sum + (losses[0] ?? 0n), 0n);
    const missing = leaves.length < consumers.length;
    const onlyReduceOnly = leaves.every(({ status }) => status === accountStatus.reduceOnly);
    const refusal = missing ? "missing-allotment" : onlyReduceOnly ? "only-reduce-only" : null;
    return { account, allotted, worth: mostWorth(account, state), refusal };
  });
}

/** Without haircut, rounded up. */
function mostWorth(account: AccountId, { hub }: StateAtCut): bigint {
  let worth = 0n;
  for (const [key, { underlying, decimals }] of hub.risk.assets) {
    const [eid, asset] = key.split(":");
    const deposited = hub.ledger.get(Number(eid))?.get(`${account}:${asset as Address}`)?.deposited ?? 0n;
    worth += divUp(deposited * (hub.prices.get(underlying)?.priceE8 ?? 0n), 10n ** BigInt(decimals));
  }
  return worth;
}
