import type { Address, Hex } from "viem";
import { buildRootTree, type ChainTree, chainTreeSteps, sorted, sortedKeys, type TreeCache } from "../chain-tree.ts";
import { hashCut } from "../cut.ts";
import {
  type AccountStatus,
  type Allotment,
  accountStatus,
  type ChainLeaves,
  type Epoch,
  type TransitionInput,
  type Withdrawable,
} from "../epoch.ts";
import type { AccountAssetKey, AccountId, Eid } from "../ids.ts";
import { finish, type Steps } from "../steps.ts";
import { type AccountReports, lazyReports } from "./account-reports.ts";
import { collateralOf, computeAccount, makeAccountScratch } from "./compute-account.ts";
import { type Context, contextSteps } from "./context.ts";
import { deleverageQueues } from "./deleverage.ts";
import type { PricedInstruments } from "./instruments.ts";
import type { PathRule } from "./path.ts";

/** Accounts from one pause to the next. */
const accountsAStep = 32;

/** An epoch, and what people want to know of its accounts. */
export interface TransitionResult {
  readonly epoch: Epoch;
  /** What portfolios are valued with: the epoch's instruments, and those that have a price but no leaf. */
  readonly prices: PricedInstruments["all"];
  /** Computed when asked for, from the input, which must not change. */
  readonly accounts: AccountReports;
}

/** The transition with its way of reckoning with earlier epochs as a parameter. Operators use `transition`. */
export function computeEpoch(input: TransitionInput, rule: PathRule, cache?: TreeCache): TransitionResult {
  return finish(epochSteps(input, rule, cache));
}

/** `computeEpoch` in steps, each a millisecond or so. The input must not change before the last one. */
export function* epochSteps(input: TransitionInput, rule: PathRule, cache?: TreeCache): Steps<TransitionResult> {
  const context = yield* contextSteps(input, rule);
  const scratch = makeAccountScratch(context);
  const chains = startChains(input, context);
  const targets = context.consumers.map(
    ({ eid, consumer }) => chains.get(eid)?.allotments.get(consumer) ?? new Map<AccountId, Allotment>(),
  );
  const accounts = accountsOf(context);
  const counts = new Map<AccountStatus, number>();
  const toLiquidate: AccountId[] = [];
  const insolvent: AccountId[] = [];
  let computed = 0;
  for (const account of accounts) {
    if (computed++ % accountsAStep === 0) yield;
    const { status, allotments, withdrawals } = computeAccount(context, account, scratch);
    counts.set(status, (counts.get(status) ?? 0) + 1);
    if (status >= accountStatus.liquidatable) toLiquidate.push(account);
    if (status === accountStatus.insolvent) insolvent.push(account);
    for (const [k, allotment] of (allotments ?? []).entries()) targets[k]?.set(account, allotment);
    for (const [index, { eid, key }] of collateralOf(context, account).entries()) {
      const withdrawable = withdrawals[index];
      if (withdrawable === undefined || withdrawable.exitTotal === 0n || context.silent.has(eid)) continue;
      chains.get(eid)?.withdrawals.set(key, withdrawable);
    }
  }

  if (insolvent.length > 0) addQueues(context, insolvent, chains);

  const trees = new Map<Eid, ChainTree>();
  const chainRoots = new Map<Eid, Hex>();
  const { tradable } = context.instruments;
  for (const [eid, leaves] of chains) {
    const tree = yield* chainTreeSteps(leaves, tradable, cache?.trees.get(eid));
    trees.set(eid, tree);
    chainRoots.set(eid, tree.root);
  }
  if (cache) cache.trees = trees;

  const { state } = input;
  const cut = [...state.cut].sort((a, b) => a.eid - b.eid);
  const header = {
    epoch: input.epoch,
    operatorSetId: input.operatorSetId,
    root: buildRootTree(chainRoots).root,
    cutHash: hashCut(cut),
    riskVersion: state.hub.risk.version,
    issuedAt: input.issuedAt,
    expiresAt: input.issuedAt + state.hub.risk.margin.attestationLifetimeSeconds,
  };
  const instruments = new Map(
    sortedKeys(tradable).flatMap((id) => {
      const priced = tradable.get(id);
      return priced ? [[id, priced] as const] : [];
    }),
  );
  return {
    epoch: { header, cut, instruments, chains, chainRoots },
    prices: context.instruments.all,
    accounts: lazyReports(context, accounts, { counts, toLiquidate }),
  };
}

interface GrowingLeaves extends ChainLeaves {
  readonly allotments: Map<Address, Map<AccountId, Allotment>>;
  readonly withdrawals: Map<AccountAssetKey, Withdrawable>;
  readonly deleverageQueues: Map<Address, ReadonlyMap<AccountId, readonly AccountId[]>>;
}

/** Every chain of the cut, ascending, with room for leaves; silent ones stay empty. */
function startChains(input: TransitionInput, context: Context): Map<Eid, GrowingLeaves> {
  const chains = new Map<Eid, GrowingLeaves>();
  for (const eid of input.state.cut.map((block) => block.eid).sort((a, b) => a - b)) {
    if (context.silent.has(eid)) {
      chains.set(eid, { eid, vault: null, allotments: new Map(), withdrawals: new Map(), deleverageQueues: new Map() });
      continue;
    }
    const consumers = context.consumers.filter((consumer) => consumer.eid === eid);
    chains.set(eid, {
      eid,
      vault: input.state.hub.risk.vaults.get(eid) ?? null,
      allotments: new Map(consumers.map(({ consumer }) => [consumer, new Map<AccountId, Allotment>()])),
      withdrawals: new Map(),
      deleverageQueues: new Map(),
    });
  }
  return chains;
}

/** Who stands opposite to insolvent accounts, where they hold something and somebody does. */
function addQueues(context: Context, insolvent: readonly AccountId[], chains: ReadonlyMap<Eid, GrowingLeaves>): void {
  for (const consumer of context.consumers) {
    const leaves = chains.get(consumer.eid);
    const allotments = leaves?.allotments.get(consumer.consumer);
    if (leaves === undefined || allotments === undefined || allotments.size === 0) continue;
    const queues = deleverageQueues(context, consumer, allotments, insolvent);
    if (queues.size > 0) leaves.deleverageQueues.set(consumer.consumer, queues);
  }
}

function accountsOf({ collateral, consumers }: Context): AccountId[] {
  const others = new Set<AccountId>();
  for (const { portfolios } of consumers) {
    for (const account of portfolios.keys()) if (!collateral.has(account)) others.add(account);
  }
  return sorted([...collateral.keys(), ...others]);
}
