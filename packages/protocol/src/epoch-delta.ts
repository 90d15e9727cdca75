import type { Address } from "viem";
import { ByteReader, ByteWriter } from "./byte-stream.ts";
import { accountOfKey, assetOfKey, sortedKeys, type TreeCache } from "./chain-tree.ts";
import type { Allotment, ChainLeaves, Epoch, Withdrawable } from "./epoch.ts";
import { readEpoch, withRoots, writeEpoch } from "./epoch-codec.ts";
import type { AccountAssetKey, AccountId } from "./ids.ts";
import { sameAllotment, sameWithdrawable } from "./same-leaf.ts";

/**
 * An epoch as its difference to another one. From one epoch to the next most leaves stay as they are, so it is a small part
 * of what `encodeEpoch` gives.
 *
 * It is an epoch's encoding with only the account and withdrawal leaves that `base` has not, and then, chain by chain,
 * those of `base` that the epoch has not.
 */
export function encodeDelta(epoch: Epoch, base: Epoch): Uint8Array {
  const to = new ByteWriter();
  const chains = [...epoch.chains.values()].sort((a, b) => a.eid - b.eid);
  const changes = chains.map((chain) => [chain.eid, changedLeaves(chain, base.chains.get(chain.eid))] as const);
  writeEpoch(to, { ...epoch, chains: new Map(changes) });
  for (const chain of chains) writeGone(to, chain, base.chains.get(chain.eid));
  return to.bytes();
}

/**
 * The inverse of `encodeDelta`, given the same `base`. What did not change is the same object as there.
 * @param cache As for `decodeEpoch`; best with the trees of `base`, or of another epoch decoded from it.
 * @throws {CorruptEpoch} as `decodeEpoch`.
 */
export function decodeDelta(bytes: Uint8Array, base: Epoch, cache?: TreeCache): Epoch {
  const from = new ByteReader(bytes);
  const read = readEpoch(from);
  const chains = new Map(
    [...read.chains].map(([eid, changes]) => [eid, readMerged(from, changes, base.chains.get(eid))] as const),
  );
  from.end();
  return withRoots({ ...read, chains }, cache);
}

function changedLeaves(chain: ChainLeaves, base: ChainLeaves | undefined): ChainLeaves {
  return {
    ...chain,
    withdrawals: changed(chain.withdrawals, base?.withdrawals, sameWithdrawable),
    allotments: new Map(
      [...chain.allotments].map(([consumer, allotments]) => [
        consumer,
        changed(allotments, base?.allotments.get(consumer), sameAllotment),
      ]),
    ),
  };
}

function changed<Key, Leaf>(
  leaves: ReadonlyMap<Key, Leaf>,
  base: ReadonlyMap<Key, Leaf> | undefined,
  same: (a: Leaf, b: Leaf) => boolean,
): ReadonlyMap<Key, Leaf> {
  if (base === undefined) return leaves;
  const changes = new Map<Key, Leaf>();
  for (const [key, leaf] of leaves) {
    const before = base.get(key);
    if (before === undefined || !same(before, leaf)) changes.set(key, leaf);
  }
  return changes;
}

function writeGone(to: ByteWriter, chain: ChainLeaves, base: ChainLeaves | undefined): void {
  const withdrawals = gone(chain.withdrawals, base?.withdrawals);
  to.uint32(withdrawals.length);
  for (const key of withdrawals) {
    to.hex(accountOfKey(key));
    to.hex(assetOfKey(key));
  }
  for (const consumer of sortedKeys(chain.allotments)) {
    const accounts = gone(chain.allotments.get(consumer), base?.allotments.get(consumer));
    to.uint32(accounts.length);
    for (const account of accounts) to.hex(account);
  }
}

function gone<Key extends string>(
  leaves: ReadonlyMap<Key, unknown> | undefined,
  base: ReadonlyMap<Key, unknown> | undefined,
): Key[] {
  return base === undefined ? [] : sortedKeys(base).filter((key) => !leaves?.has(key));
}

function readMerged(from: ByteReader, changes: ChainLeaves, base: ChainLeaves | undefined): ChainLeaves {
  const withdrawals = new Map<AccountAssetKey, Withdrawable>(base?.withdrawals);
  for (let left = from.uint32(); left > 0; left--) withdrawals.delete(`${from.hex(32)}:${from.hex(20)}`);
  for (const [key, withdrawable] of changes.withdrawals) withdrawals.set(key, withdrawable);
  const allotments = new Map<Address, ReadonlyMap<AccountId, Allotment>>();
  for (const [consumer, changed] of changes.allotments) {
    const merged = new Map<AccountId, Allotment>(base?.allotments.get(consumer));
    for (let left = from.uint32(); left > 0; left--) merged.delete(from.hex(32));
    for (const [account, allotment] of changed) merged.set(account, allotment);
    allotments.set(consumer, merged);
  }
  return { ...changes, withdrawals, allotments };
}
