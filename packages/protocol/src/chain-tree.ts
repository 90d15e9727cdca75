import type { Address, Hex } from "viem";
import type { Allotment, ChainLeaves, InstrumentPrices, Withdrawable } from "./epoch.ts";
import type { AccountAssetKey, AccountId, Eid, InstrumentId } from "./ids.ts";
import {
  accountLeafBytes,
  chainRootLeafBytes,
  type DeleverageLeaf,
  deleverageLeafBytes,
  instrumentLeafBytes,
  withdrawalLeafBytes,
} from "./leaves.ts";
import { buildTree, type MerkleTree, rootOf, treeSteps } from "./merkle.ts";
import { finish, type Steps } from "./steps.ts";

/** Leaves from one pause of a tree that is built in steps to the next. */
const leavesAStep = 128;

/** One chain's tree, with the order of its leaves: instruments, withdrawals, accounts, and deleveraging queues. */
export interface ChainTree {
  readonly eid: Eid;
  readonly instruments: readonly InstrumentId[];
  readonly vault: Address | null;
  readonly withdrawals: readonly AccountAssetKey[];
  /** In the order of `withdrawals`. */
  readonly withdrawables: readonly Withdrawable[];
  readonly accounts: readonly ConsumerAccounts[];
  /** By consumer and account: the last leaves of the tree. */
  readonly queues: readonly DeleverageLeaf[];
  readonly tree: MerkleTree;
  readonly root: Hex;
}

/** The trees built last with it. Saves hashing what did not change; never changes a result. */
export interface TreeCache {
  trees: ReadonlyMap<Eid, ChainTree>;
}

/** An empty cache. */
export function makeTreeCache(): TreeCache {
  return { trees: new Map() };
}

/** The account leaves of one consumer, ascending by account, and where the first one lies in the tree. */
export interface ConsumerAccounts {
  readonly consumer: Address;
  readonly firstLeaf: number;
  readonly accounts: readonly AccountId[];
  readonly allotments: readonly Allotment[];
}

/** The part of an account-asset key that names the account. */
export function accountOfKey(key: AccountAssetKey): AccountId {
  return key.slice(0, 66) as AccountId;
}

/** The part of an account-asset key that names the asset. */
export function assetOfKey(key: AccountAssetKey): Address {
  return key.slice(67) as Address;
}

/** In ascending order. Lowercase hex of one length sorts as the numbers do; most lists come sorted already. */
export function sorted<Key extends string>(keys: Key[]): Key[] {
  for (let index = 1; index < keys.length; index++) {
    if ((keys[index - 1] as Key) > (keys[index] as Key)) return keys.sort();
  }
  return keys;
}

/** A map's keys in ascending order. */
export function sortedKeys<Key extends string>(map: ReadonlyMap<Key, unknown>): Key[] {
  return sorted([...map.keys()]);
}

/**
 * Builds one chain's tree.
 *
 * With `previous`, the chain's tree at an earlier epoch, leaves of allotments and withdrawables that are the same object
 * as then, and what lies above them, are not hashed again. The result is the same either way.
 */
export function buildChainTree(
  leaves: ChainLeaves,
  instruments: ReadonlyMap<InstrumentId, InstrumentPrices>,
  previous?: ChainTree,
): ChainTree {
  return finish(chainTreeSteps(leaves, instruments, previous));
}

/** `buildChainTree` in steps. */
export function* chainTreeSteps(
  leaves: ChainLeaves,
  instruments: ReadonlyMap<InstrumentId, InstrumentPrices>,
  previous?: ChainTree,
): Steps<ChainTree> {
  const instrumentIds = leaves.allotments.size > 0 ? sortedKeys(instruments) : [];
  const { vault } = leaves;
  const withdrawals = vault === null ? [] : sortedKeys(leaves.withdrawals);
  const withdrawables = withdrawals.map((key) => leaves.withdrawals.get(key) as Withdrawable);
  let count = instrumentIds.length + withdrawals.length;
  const accounts = sortedKeys(leaves.allotments).map((consumer): ConsumerAccounts => {
    const byAccount = leaves.allotments.get(consumer) ?? new Map<AccountId, Allotment>();
    const ids = sortedKeys(byAccount);
    const firstLeaf = count;
    count += ids.length;
    return { consumer, firstLeaf, accounts: ids, allotments: ids.map((id) => byAccount.get(id) as Allotment) };
  });

  const queues = queueLeaves(leaves);
  const hashes = new Uint8Array(32 * (count + queues.length));
  for (const [index, instrument] of instrumentIds.entries()) {
    const prices = instruments.get(instrument) as InstrumentPrices;
    hashes.set(instrumentLeafBytes({ instrument, ...prices }), 32 * index);
  }
  const ordered = { vault, instruments: instrumentIds, withdrawals, withdrawables };
  yield* writeWithdrawalLeaves(ordered, hashes, previous);
  for (const group of accounts) yield* writeAccountLeaves(group, hashes, previous);
  for (const [index, leaf] of queues.entries()) hashes.set(deleverageLeafBytes(leaf), 32 * (count + index));
  const tree = yield* treeSteps(hashes, previous?.tree);
  return { eid: leaves.eid, ...ordered, accounts, queues, tree, root: rootOf(tree) };
}

function queueLeaves({ deleverageQueues }: ChainLeaves): DeleverageLeaf[] {
  return sortedKeys(deleverageQueues).flatMap((consumer) => {
    const byAccount = deleverageQueues.get(consumer) ?? new Map<AccountId, readonly AccountId[]>();
    return sortedKeys(byAccount).map((account) => ({ account, consumer, queue: byAccount.get(account) ?? [] }));
  });
}

function* writeWithdrawalLeaves(
  { vault, instruments, withdrawals, withdrawables }: Omit<ChainTree, "eid" | "accounts" | "queues" | "tree" | "root">,
  hashes: Uint8Array,
  previous: ChainTree | undefined,
): Steps<void> {
  if (vault === null) return;
  const old = previous?.vault === vault ? previous : undefined;
  const oldHashes = old?.tree.levels[0];
  let cursor = 0;
  for (let index = 0; index < withdrawals.length; index++) {
    if (index % leavesAStep === 0) yield;
    const key = withdrawals[index] as AccountAssetKey;
    const withdrawable = withdrawables[index] as Withdrawable;
    const offset = 32 * (instruments.length + index);
    if (old && oldHashes) {
      while (cursor < old.withdrawals.length && (old.withdrawals[cursor] as AccountAssetKey) < key) cursor++;
      if (old.withdrawables[cursor] === withdrawable && old.withdrawals[cursor] === key) {
        const from = 32 * (old.instruments.length + cursor);
        hashes.set(oldHashes.subarray(from, from + 32), offset);
        continue;
      }
    }
    const leaf = { account: accountOfKey(key), vault, asset: assetOfKey(key), ...withdrawable };
    hashes.set(withdrawalLeafBytes(leaf), offset);
  }
}

function* writeAccountLeaves(
  group: ConsumerAccounts,
  hashes: Uint8Array,
  previous: ChainTree | undefined,
): Steps<void> {
  const { consumer, firstLeaf, accounts, allotments } = group;
  const old = previous?.accounts.find((candidate) => candidate.consumer === consumer);
  const oldHashes = previous?.tree.levels[0];
  let cursor = 0;
  for (let index = 0; index < accounts.length; index++) {
    if (index % leavesAStep === 0) yield;
    const account = accounts[index] as AccountId;
    const allotment = allotments[index] as Allotment;
    const offset = 32 * (firstLeaf + index);
    if (old && oldHashes) {
      while (cursor < old.accounts.length && (old.accounts[cursor] as AccountId) < account) cursor++;
      if (old.allotments[cursor] === allotment && old.accounts[cursor] === account) {
        const from = 32 * (old.firstLeaf + cursor);
        hashes.set(oldHashes.subarray(from, from + 32), offset);
        continue;
      }
    }
    const { status, grossLimit, losses } = allotment;
    hashes.set(accountLeafBytes({ account, consumer, status, grossLimit, allotment: losses }), offset);
  }
}

/** The tree over sub-roots, whose root is signed: one leaf for every eid, ascending. */
export function buildRootTree(chainRoots: ReadonlyMap<Eid, Hex>): { eids: Eid[]; tree: MerkleTree; root: Hex } {
  const eids = [...chainRoots.keys()].sort((a, b) => a - b);
  const hashes = new Uint8Array(32 * eids.length);
  eids.forEach((eid, index) => {
    hashes.set(chainRootLeafBytes(eid, chainRoots.get(eid) as Hex), 32 * index);
  });
  const tree = buildTree(hashes);
  return { eids, tree, root: rootOf(tree) };
}
