import type { AccountAssetKey, AccountId, Eid } from "@plimsoll/protocol/ids";
import { accounts, makeChain, type Snapshot } from "@plimsoll/protocol/simulation/chains";
import type { Market } from "@plimsoll/protocol/simulation/market";
import type { ConsumerWeight, LedgerTotals } from "@plimsoll/protocol/state";
import type { Address, Hex } from "viem";
import type { OperatorSet } from "../src/quorum/chainView.ts";

export { accounts };
export const hubEid: Eid = 1;
export const eids: readonly Eid[] = [1, 2, 3];

/** What `SolvencyAttestations` of one chain remembers. */
interface Posted {
  readonly epoch: number;
  readonly operatorSetId: number;
  readonly digest: Hex;
  readonly root: Hex;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What a vault told the hub of one account. */
export interface Report {
  readonly eid: Eid;
  readonly account: AccountId;
  readonly sequence: number;
  readonly totals: readonly (readonly [AccountAssetKey, LedgerTotals])[];
}

/** What the registry on the hub told another chain. */
interface Broadcast {
  readonly eid: Eid;
  readonly to: Eid;
  readonly set: OperatorSet;
}

/** What goes through LayerZero, from `eid`. */
export type Message = Report | Broadcast;

/** The operator sets that a `SolvencyAttestations` takes signatures of. */
export interface InstalledSets {
  readonly current: OperatorSet;
  readonly previous: { readonly set: OperatorSet; readonly validUntilSeconds: number } | null;
}

/** A set of `OperatorRegistry`, and the time of the block that has it from the owner. */
interface RegisteredSet {
  readonly set: OperatorSet;
  readonly sinceSeconds: number;
}

/** Where an operator's transaction was mined. */
export interface Receipt {
  readonly blockNumber: number;
  readonly succeeded: boolean;
}

/** All contracts of one chain after one block; never changed. */
export interface State extends Snapshot {
  readonly posted: Posted | null;
  readonly operators: InstalledSets;
  /** On the hub: all that were ever registered, in their order. */
  readonly registry: readonly RegisteredSet[];
  /** The vault's own sequence number of every account. */
  readonly sequences: ReadonlyMap<AccountId, number>;
  /** On the hub: the highest sequence that the ledger has, by vault and account. */
  readonly recorded: ReadonlyMap<string, number>;
  /** Tokens that left the vault, counted by the token and not by the vault. */
  readonly paid: ReadonlyMap<AccountAssetKey, bigint>;
  /** The highest total that was ever asked for. */
  readonly asked: ReadonlyMap<AccountAssetKey, bigint>;
  /** On the hub: where owners want their capacity, and what they keep for exit. */
  readonly weights: ReadonlyMap<AccountId, readonly ConsumerWeight[]>;
  /** On the hub: what the feeds say. */
  readonly market: Market;
  /** How many transactions of an operator's key were mined, and each by its hash. */
  readonly nonces: ReadonlyMap<Address, number>;
  readonly receipts: ReadonlyMap<Hex, Receipt>;
}

export interface Block {
  readonly eid: Eid;
  readonly number: number;
  readonly hash: Hex;
  readonly timestampSeconds: number;
  readonly state: State;
  readonly minedAtMs: number;
  finalizedAtMs: number;
}

export function genesis(eid: Eid, market: Market, set: OperatorSet, nowMs: number): Block {
  const timestampSeconds = Math.floor(nowMs / 1000);
  const [snapshot] = makeChain(eid, timestampSeconds).blocks;
  if (snapshot === undefined) throw new RangeError("a chain starts with a block");
  const none = new Map<never, never>();
  return {
    eid,
    number: 0,
    hash: blockHash(eid, 0, 0),
    timestampSeconds,
    minedAtMs: nowMs,
    finalizedAtMs: nowMs,
    state: {
      ...snapshot,
      posted: null,
      operators: { current: set, previous: null },
      registry: [{ set, sinceSeconds: timestampSeconds }],
      sequences: none,
      recorded: none,
      paid: none,
      asked: none,
      weights: none,
      market,
      nonces: none,
      receipts: none,
    },
  };
}

/** Blocks of different forks differ. */
export const blockHash = (eid: Eid, number: number, fork: number): Hex =>
  `0x${((BigInt(eid) << 96n) | (BigInt(fork) << 48n) | BigInt(number)).toString(16).padStart(64, "0")}`;
