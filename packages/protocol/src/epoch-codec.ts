import type { Address } from "viem";
import { ByteReader, ByteWriter } from "./byte-stream.ts";
import {
  accountOfKey,
  assetOfKey,
  buildChainTree,
  buildRootTree,
  type ChainTree,
  sortedKeys,
  type TreeCache,
} from "./chain-tree.ts";
import { hashCut } from "./cut.ts";
import type {
  AccountStatus,
  Allotment,
  ChainLeaves,
  Epoch,
  Header,
  InstrumentPrices,
  InstrumentStatus,
  Withdrawable,
} from "./epoch.ts";
import { CorruptEpoch } from "./errors.ts";
import type { AccountAssetKey, AccountId, Eid, InstrumentId } from "./ids.ts";
import type { CutBlock } from "./state.ts";

/** The first byte of every encoding. Changes whenever the layout does. */
export const epochLayout = 4;

/**
 * An epoch as bytes, to be stored and sent: about 50 bytes and 8 a scenario for every account leaf. The same epoch
 * always gives the same bytes. Roots of chains are not in it; decoding computes them.
 */
export function encodeEpoch(epoch: Epoch): Uint8Array {
  const to = new ByteWriter();
  writeEpoch(to, epoch);
  return to.bytes();
}

/**
 * The inverse of `encodeEpoch`. Builds all trees, so that what it returns is what the header's root covers.
 * @param cache As for the transition: leaves that are the same object as in its trees are not hashed again.
 * @throws {CorruptEpoch} when the bytes are no epoch, or its root or cut hash is not the header's.
 */
export function decodeEpoch(bytes: Uint8Array, cache?: TreeCache): Epoch {
  const from = new ByteReader(bytes);
  const read = readEpoch(from);
  from.end();
  return withRoots(read, cache);
}

/** An epoch's bytes, and nothing of whether they make sense together. */
export function writeEpoch(to: ByteWriter, epoch: UncheckedEpoch): void {
  to.uint8(epochLayout);
  writeHeader(to, epoch.header);
  const cut = [...epoch.cut].sort((a, b) => a.eid - b.eid);
  to.uint32(cut.length);
  for (const block of cut) writeBlock(to, block);
  const instruments = sortedKeys(epoch.instruments);
  to.uint32(instruments.length);
  for (const id of instruments) writeInstrument(to, id, epoch.instruments.get(id) as InstrumentPrices);
  const chains = [...epoch.chains.values()].sort((a, b) => a.eid - b.eid);
  to.uint32(chains.length);
  for (const chain of chains) writeChain(to, chain);
}

/** An epoch as it was read: its root may be another one than its header says. */
export type UncheckedEpoch = Omit<Epoch, "chainRoots">;

/** @throws {CorruptEpoch} */
export function readEpoch(from: ByteReader): UncheckedEpoch {
  const given = from.uint8();
  if (given !== epochLayout) throw new CorruptEpoch(`layout ${given}, not ${epochLayout}`);
  const header = readHeader(from);
  const cut = repeat(from.uint32(), () => readBlock(from));
  const instruments = readMap(from, () => readInstrument(from));
  const chains = readMap<Eid, ChainLeaves>(from, () => {
    const chain = readChain(from);
    return [chain.eid, chain];
  });
  return { header, cut, instruments, chains };
}

/**
 * Builds all trees and compares.
 * @throws {CorruptEpoch} when the root or the cut's hash is not the header's.
 */
export function withRoots(read: UncheckedEpoch, cache?: TreeCache): Epoch {
  const { header, cut, instruments, chains } = read;
  if (hashCut(cut) !== header.cutHash) throw new CorruptEpoch("its cut is not the one of its header");
  const trees = new Map<Eid, ChainTree>();
  for (const [eid, chain] of chains) trees.set(eid, buildChainTree(chain, instruments, cache?.trees.get(eid)));
  const chainRoots = new Map([...trees].map(([eid, { root }]) => [eid, root]));
  if (buildRootTree(chainRoots).root !== header.root) throw new CorruptEpoch("its root is not the one of its header");
  if (cache) cache.trees = trees;
  return { ...read, chainRoots };
}

function repeat<Item>(count: number, read: () => Item): Item[] {
  const items: Item[] = [];
  for (let index = 0; index < count; index++) items.push(read());
  return items;
}

/** One epoch has one encoding: entries ascend and none comes twice. */
function readMap<Key extends string | number, Value>(from: ByteReader, read: () => [Key, Value]): Map<Key, Value> {
  const entries = repeat(from.uint32(), read);
  entries.forEach(([key], index) => {
    const before = entries[index - 1];
    if (before !== undefined && before[0] >= key) throw new CorruptEpoch("its entries do not ascend");
  });
  return new Map(entries);
}

function writeHeader(to: ByteWriter, header: Header): void {
  to.uint64(BigInt(header.epoch));
  to.uint32(header.operatorSetId);
  to.hex(header.root);
  to.hex(header.cutHash);
  to.uint32(header.riskVersion);
  to.uint64(BigInt(header.issuedAt));
  to.uint64(BigInt(header.expiresAt));
}

function readHeader(from: ByteReader): Header {
  return {
    epoch: Number(from.uint64()),
    operatorSetId: from.uint32(),
    root: from.hex(32),
    cutHash: from.hex(32),
    riskVersion: from.uint32(),
    issuedAt: Number(from.uint64()),
    expiresAt: Number(from.uint64()),
  };
}

function writeBlock(to: ByteWriter, block: CutBlock): void {
  to.uint32(block.eid);
  to.uint64(BigInt(block.number));
  to.hex(block.hash);
  to.uint64(BigInt(block.timestampSeconds));
}

function readBlock(from: ByteReader): CutBlock {
  return {
    eid: from.uint32(),
    number: Number(from.uint64()),
    hash: from.hex(32),
    timestampSeconds: Number(from.uint64()),
  };
}

function writeInstrument(to: ByteWriter, id: InstrumentId, instrument: InstrumentPrices): void {
  to.hex(id);
  to.uint8(instrument.status);
  to.uint64(instrument.mark);
  to.uint64(instrument.notional);
  to.uint64(instrument.charge);
  to.uint64(instrument.settlement);
  to.int64(instrument.funding);
  to.uint32(instrument.stressBps);
  to.int64s(instrument.prices);
}

function readInstrument(from: ByteReader): [InstrumentId, InstrumentPrices] {
  const id = from.hex(32);
  const status = from.uint8();
  if (status > 2) throw new CorruptEpoch(`there is no instrument status ${status}`);
  return [
    id,
    {
      status: status as InstrumentStatus,
      mark: from.uint64(),
      notional: from.uint64(),
      charge: from.uint64(),
      settlement: from.uint64(),
      funding: from.int64(),
      stressBps: from.uint32(),
      prices: from.int64s(),
    },
  ];
}

function writeChain(to: ByteWriter, chain: ChainLeaves): void {
  to.uint32(chain.eid);
  to.uint8(chain.vault === null ? 0 : 1);
  if (chain.vault !== null) to.hex(chain.vault);
  const withdrawals = sortedKeys(chain.withdrawals);
  to.uint32(withdrawals.length);
  for (const key of withdrawals) {
    to.hex(accountOfKey(key));
    to.hex(assetOfKey(key));
    const { approvedTotal, exitTotal } = chain.withdrawals.get(key) as Withdrawable;
    to.uint128(approvedTotal);
    to.uint128(exitTotal);
  }
  const consumers = sortedKeys(chain.allotments);
  to.uint32(consumers.length);
  for (const consumer of consumers) {
    const allotments = chain.allotments.get(consumer) ?? new Map<AccountId, Allotment>();
    to.hex(consumer);
    to.uint32(allotments.size);
    for (const account of sortedKeys(allotments)) {
      const { status, grossLimit, losses } = allotments.get(account) as Allotment;
      to.hex(account);
      to.uint8(status);
      to.uint128(grossLimit);
      to.int64s(losses);
    }
  }
  writeQueues(to, chain);
}

function writeQueues(to: ByteWriter, { deleverageQueues }: ChainLeaves): void {
  to.uint32(deleverageQueues.size);
  for (const consumer of sortedKeys(deleverageQueues)) {
    const queues = deleverageQueues.get(consumer) ?? new Map<AccountId, readonly AccountId[]>();
    to.hex(consumer);
    to.uint32(queues.size);
    for (const account of sortedKeys(queues)) {
      const queue = queues.get(account) ?? [];
      to.hex(account);
      to.uint32(queue.length);
      for (const counterparty of queue) to.hex(counterparty);
    }
  }
}

function readChain(from: ByteReader): ChainLeaves {
  const eid = from.uint32();
  const flag = from.uint8();
  if (flag > 1) throw new CorruptEpoch(`${flag} vaults on one chain`);
  const vault = flag === 0 ? null : from.hex(20);
  const withdrawals = readMap<AccountAssetKey, Withdrawable>(from, () => [
    `${from.hex(32)}:${from.hex(20)}`,
    { approvedTotal: from.uint128(), exitTotal: from.uint128() },
  ]);
  const allotments = readMap<Address, Map<AccountId, Allotment>>(from, () => [
    from.hex(20),
    readMap(from, () => readAllotment(from)),
  ]);
  const deleverageQueues = readMap<Address, Map<AccountId, AccountId[]>>(from, () => [
    from.hex(20),
    readMap(from, () => [from.hex(32), repeat(from.uint32(), () => from.hex(32))]),
  ]);
  return { eid, vault, allotments, withdrawals, deleverageQueues };
}

function readAllotment(from: ByteReader): [AccountId, Allotment] {
  const account = from.hex(32);
  const status = from.uint8();
  if (status > 3) throw new CorruptEpoch(`there is no account status ${status}`);
  return [account, { status: status as AccountStatus, grossLimit: from.uint128(), losses: from.int64s() }];
}
