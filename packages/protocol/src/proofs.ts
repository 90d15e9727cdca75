import type { Address, Hex } from "viem";
import { buildChainTree, buildRootTree, type ChainTree, sorted, type TreeCache } from "./chain-tree.ts";
import type { Allotment, Epoch, InstrumentPrices } from "./epoch.ts";
import { NoSuchLeaf, UnknownChain } from "./errors.ts";
import type { AccountAssetKey, AccountId, Eid, InstrumentId } from "./ids.ts";
import type { AccountLeaf, DeleverageLeaf, InstrumentLeaf, WithdrawalLeaf } from "./leaves.ts";
import { type MerkleTree, proofOf } from "./merkle.ts";
import { type MultiProof, multiProofOf } from "./multi-proof.ts";

/** A leaf with its proof under its chain's sub-root. */
export interface Proven<Leaf> {
  readonly leaf: Leaf;
  readonly proof: readonly Hex[];
}

/** One chain's sub-root with its proof under the signed root. */
export interface ChainPath {
  readonly chainRoot: Hex;
  readonly chainPath: readonly Hex[];
}

/** An epoch with trees, built once for as many proofs as are asked for; each chain's tree when it is first needed. */
export interface ProvableEpoch {
  readonly epoch: Epoch;
  readonly cache: TreeCache | undefined;
  readonly chainTrees: Map<Eid, ChainTree>;
  readonly rootTree: { readonly eids: readonly Eid[]; readonly tree: MerkleTree };
}

/**
 * Readies an epoch for proofs.
 * @param cache Trees that are there already: those with the epoch's sub-roots are its trees, others save hashing.
 * @example proveMargin(provable(epoch), eid, market, { accounts: [account], instruments: [bitcoin] })
 */
export function provable(epoch: Epoch, cache?: TreeCache): ProvableEpoch {
  const known = [...(cache?.trees ?? [])].filter(([eid, { root }]) => root === epoch.chainRoots.get(eid));
  return { epoch, cache, chainTrees: new Map(known), rootTree: buildRootTree(epoch.chainRoots) };
}

function chainTreeOf({ epoch, cache, chainTrees }: ProvableEpoch, eid: Eid): ChainTree {
  const known = chainTrees.get(eid);
  if (known) return known;
  const leaves = epoch.chains.get(eid);
  if (leaves === undefined) throw new UnknownChain(eid, epoch.header.epoch);
  const built = buildChainTree(leaves, epoch.instruments, cache?.trees.get(eid));
  chainTrees.set(eid, built);
  return built;
}

/**
 * The way from a chain's sub-root to the signed root: what posting to that chain carries.
 * @throws {UnknownChain}
 */
export function proveChain(from: ProvableEpoch, eid: Eid): ChainPath {
  const index = from.rootTree.eids.indexOf(eid);
  const chainRoot = from.epoch.chainRoots.get(eid);
  if (index < 0 || chainRoot === undefined) throw new UnknownChain(eid, from.epoch.header.epoch);
  return { chainRoot, chainPath: proofOf(from.rootTree.tree, index) };
}

/** Leaves of one chain with one proof for all of them: what a consumer checks a change against. */
export interface MarginProof extends MultiProof {
  /** Ascending, of those that have an allotment there. */
  readonly accounts: readonly AccountLeaf[];
  /** Ascending. */
  readonly instruments: readonly InstrumentLeaf[];
}

/**
 * Accounts' leaves at one consumer and instruments' leaves, with one proof. An account that has no leaf there is left
 * out: the contract lets it reduce.
 * @throws {UnknownChain} when the epoch does not speak of the chain.
 * @throws {NoSuchLeaf} when an instrument is not registered, has no price, or the chain has no consumer.
 */
export function proveMargin(
  from: ProvableEpoch,
  eid: Eid,
  consumer: Address,
  wanted: { readonly accounts: readonly AccountId[]; readonly instruments: readonly InstrumentId[] },
): MarginProof {
  const tree = chainTreeOf(from, eid);
  const instruments = distinct(wanted.instruments).map((id) => {
    const index = find(tree.instruments, id);
    if (index < 0) throw new NoSuchLeaf(`instrument ${id} on eid ${eid}`, from.epoch.header.epoch);
    return { index, leaf: { instrument: id, ...(from.epoch.instruments.get(id) as InstrumentPrices) } };
  });
  const group = tree.accounts.find((candidate) => candidate.consumer === consumer.toLowerCase());
  const accounts = distinct(wanted.accounts).flatMap((account) => {
    const index = group === undefined ? -1 : find(group.accounts, account);
    if (group === undefined || index < 0) return [];
    const { status, grossLimit, losses } = group.allotments[index] as Allotment;
    const leaf = { account, consumer: group.consumer, status, grossLimit, allotment: losses };
    return [{ index: group.firstLeaf + index, leaf }];
  });
  const indices = [...instruments, ...accounts].map(({ index }) => index);
  return {
    ...multiProofOf(tree.tree, indices),
    accounts: accounts.map(({ leaf }) => leaf),
    instruments: instruments.map(({ leaf }) => leaf),
  };
}

/**
 * One instrument's leaf with a path of its own: what a market settles by.
 * @throws {UnknownChain}
 * @throws {NoSuchLeaf} when it is not registered or has no price, or the chain has no consumer.
 */
export function proveInstrument(from: ProvableEpoch, eid: Eid, instrument: InstrumentId): Proven<InstrumentLeaf> {
  const tree = chainTreeOf(from, eid);
  const id = instrument.toLowerCase() as InstrumentId;
  const index = find(tree.instruments, id);
  if (index < 0) throw new NoSuchLeaf(`instrument ${id} on eid ${eid}`, from.epoch.header.epoch);
  const prices = from.epoch.instruments.get(id) as InstrumentPrices;
  return { leaf: { instrument: id, ...prices }, proof: proofOf(tree.tree, index) };
}

/** Lowercase, ascending, each once. */
function distinct<Key extends string>(keys: readonly Key[]): Key[] {
  return sorted([...new Set(keys.map((key) => key.toLowerCase() as Key))]);
}

/**
 * A withdrawal leaf on the vault's chain.
 * @throws {UnknownChain}
 * @throws {NoSuchLeaf} when nothing was ever approved and nothing may leave without operators.
 */
export function proveWithdrawal(
  from: ProvableEpoch,
  eid: Eid,
  account: AccountId,
  asset: Address,
): Proven<WithdrawalLeaf> {
  const tree = chainTreeOf(from, eid);
  const leaves = from.epoch.chains.get(eid);
  const key = `${account.toLowerCase()}:${asset.toLowerCase()}` as AccountAssetKey;
  const index = find(tree.withdrawals, key);
  const withdrawable = leaves?.withdrawals.get(key);
  if (index < 0 || !leaves || leaves.vault === null || withdrawable === undefined) {
    throw new NoSuchLeaf(`an approved withdrawal of ${asset} by ${account} on eid ${eid}`, from.epoch.header.epoch);
  }
  return {
    leaf: {
      account: account.toLowerCase() as AccountId,
      vault: leaves.vault,
      asset: asset.toLowerCase() as Address,
      approvedTotal: withdrawable.approvedTotal,
      exitTotal: withdrawable.exitTotal,
    },
    proof: proofOf(tree.tree, tree.instruments.length + index),
  };
}

/**
 * The queue of those against whom an insolvent account's positions at a consumer may be closed.
 * @throws {UnknownChain}
 * @throws {NoSuchLeaf} when the account is not insolvent, or nobody holds the other side of what it has there.
 */
export function proveDeleverage(
  from: ProvableEpoch,
  eid: Eid,
  consumer: Address,
  account: AccountId,
): Proven<DeleverageLeaf> {
  const { queues, tree } = chainTreeOf(from, eid);
  const [at, of] = [consumer.toLowerCase(), account.toLowerCase()];
  const index = queues.findIndex((leaf) => leaf.consumer === at && leaf.account === of);
  const leaf = queues[index];
  if (leaf === undefined) {
    throw new NoSuchLeaf(`a deleveraging queue of ${account} at ${consumer} on eid ${eid}`, from.epoch.header.epoch);
  }
  const leaves = (tree.levels[0] as Uint8Array).length / 32;
  return { leaf, proof: proofOf(tree, leaves - queues.length + index) };
}

/** Binary search; the index, or -1. */
function find<Key extends string>(ascending: readonly Key[], key: Key): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const candidate = ascending[middle] as Key;
    if (candidate === key) return middle;
    if (candidate < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
