import type { Eid } from "@plimsoll/protocol/ids";
import type { ChainView } from "../src/quorum/chainView.ts";
import type { Context } from "../src/quorum/context.ts";
import type { EpochEngine } from "../src/quorum/engine.ts";
import type { Protocol } from "../src/quorum/protocol.ts";
import type { Sql } from "../src/store/statements.ts";
import type { Store } from "../src/store/store.ts";
import type { TransactionStore } from "../src/transactions/store.ts";
import type { Chain, Transaction } from "./chain.ts";
import type { PostRefusal } from "./contracts.ts";
import type { Rotations } from "./membership.ts";

/** Operators, signatures needed, and how many of the operators lie. */
export interface Quorum {
  readonly members: number;
  readonly threshold: number;
  readonly liars: number;
}

/**
 * What honest operators are made of beside the shipping code: nothing, unless a test breaks them on purpose to see
 * that it is noticed.
 */
export interface Composition {
  readonly name: string;
  /** False: writes may be lost in a crash although the call returned. */
  readonly diskSyncs?: boolean;
  /** False: a crash takes the whole database. */
  readonly diskSurvives?: boolean;
  readonly store?: (store: Store, sql: Sql) => Store;
  readonly transactions?: (store: TransactionStore) => TransactionStore;
  readonly protocol?: (protocol: Protocol) => Protocol;
  readonly view?: (view: ChainView, chains: ReadonlyMap<Eid, Chain>) => ChainView;
  readonly engine?: (engine: EpochEngine, context: Context) => EpochEngine;
  /** What the contracts of all chains do not revert for although they should. */
  readonly chainsForgive?: PostRefusal;
  /** What the contracts make of transactions. */
  readonly transaction?: (transaction: Transaction) => Transaction;
  /** Where the world's choice of it does not show the fault. */
  readonly quorum?: Quorum;
  /** `crashing`: they leap, and whoever holds as much as can be held is insolvent. */
  readonly prices?: "fixed" | "crashing";
  readonly outage?: boolean;
  /** What happens to the operator set, and how often at most. */
  readonly rotation?: Rotations;
  /** How long operators take to answer, in milliseconds; no time at all unless given. */
  readonly answersAfterMs?: number;
}

/** The code that ships. */
export const shipping: Composition = { name: "shipping" };
