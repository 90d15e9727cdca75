import type { Address, Hex } from "viem";
import type { AccountAssetKey, AccountId, Eid, InstrumentId } from "./ids.ts";
import type { Cut, StateAtCut } from "./state.ts";

/** What operators sign. */
export interface Header {
  readonly epoch: number;
  readonly operatorSetId: number;
  readonly root: Hex;
  readonly cutHash: Hex;
  readonly riskVersion: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Numbered as in the contracts. Liquidatable: below maintenance margin, and others may buy what it holds. Insolvent: it owes
 * more than its collateral counts for, and the backstop may take what it holds.
 */
export const accountStatus = { active: 0, reduceOnly: 1, liquidatable: 2, insolvent: 3 } as const;
export type AccountStatus = (typeof accountStatus)[keyof typeof accountStatus];

/** What an account may lose at one consumer: one entry a scenario, USD with 8 decimals. */
export interface Allotment {
  readonly status: AccountStatus;
  readonly grossLimit: bigint;
  readonly losses: BigInt64Array;
}

/**
 * Numbered as in the contracts. A position in an instrument that is not active only shrinks towards zero: its price is
 * uncertain, or it has expired.
 */
export const instrumentStatus = { active: 0, reduceOnly: 1, settled: 2 } as const;
export type InstrumentStatus = (typeof instrumentStatus)[keyof typeof instrumentStatus];

/** An instrument at one epoch, USD with 8 decimals, all a unit. */
export interface InstrumentPrices {
  readonly status: InstrumentStatus;
  readonly mark: bigint;
  readonly notional: bigint;
  readonly charge: bigint;
  /** Final once settled, and may be 0; 0 before. */
  readonly settlement: bigint;
  /** Cumulative funding index: what a long of one unit has paid since listing. */
  readonly funding: bigint;
  /** How much the volatility of the underlying widens its price shocks: 10000 is as registered. */
  readonly stressBps: number;
  /** The risk array: one price a scenario, net of `funding`. */
  readonly prices: BigInt64Array;
}

/** What a vault may pay an account of one asset: cumulative totals in the token's own decimals. */
export interface Withdrawable {
  /** At any time. It never falls. */
  readonly approvedTotal: bigint;
  /** Once operators have been silent for the vault's exit delay: no less than `approvedTotal`. */
  readonly exitTotal: bigint;
}

/** One chain's leaves at one epoch. Absent from a map: no leaf. */
export interface ChainLeaves {
  readonly eid: Eid;
  /** Named by withdrawal leaves; null where the chain has no vault. */
  readonly vault: Address | null;
  /**
   * By consumer address, lowercase. Every registered consumer of the chain has an entry, be it empty: a chain with
   * none gets no instrument leaves.
   */
  readonly allotments: ReadonlyMap<Address, ReadonlyMap<AccountId, Allotment>>;
  /** What may leave the chain's vault. */
  readonly withdrawals: ReadonlyMap<AccountAssetKey, Withdrawable>;
  /**
   * By consumer address, lowercase, then by insolvent account: against whom its positions there are closed where the
   * backstop cannot take them, the first one first. Empty while nobody is insolvent.
   */
  readonly deleverageQueues: ReadonlyMap<Address, ReadonlyMap<AccountId, readonly AccountId[]>>;
}

/** An epoch with all that its root covers: what later epochs and proofs need of it. */
export interface Epoch {
  readonly header: Header;
  readonly cut: Cut;
  readonly instruments: ReadonlyMap<InstrumentId, InstrumentPrices>;
  readonly chains: ReadonlyMap<Eid, ChainLeaves>;
  readonly chainRoots: ReadonlyMap<Eid, Hex>;
}

/** Input of the transition. */
export interface TransitionInput {
  readonly epoch: number;
  readonly operatorSetId: number;
  readonly issuedAt: number;
  readonly state: StateAtCut;
  /**
   * Ascending: every epoch posted on some chain at the cut, and every unexpired epoch that was signed. More than
   * these does no harm: an additional one can only lower what is allotted.
   */
  readonly earlier: readonly Epoch[];
}
