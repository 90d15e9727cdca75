import type { Address, Hex } from "viem";
import { formatUsd } from "../units/formatUsd.ts";
import { PlimsollError } from "./plimsollError.ts";

/** The change would lose more in a scenario than the account is allotted at that consumer. */
export class AllotmentExceeded extends PlimsollError {
  readonly account: Hex;
  /** Row of the scenario set. */
  readonly scenario: number;
  /** By how much the loss is over the allotment, USD with 8 decimals, rounded up. */
  readonly excess: bigint;

  constructor(account: Hex, scenario: number, excess: bigint, options?: ErrorOptions) {
    super(
      "ALLOTMENT_EXCEEDED",
      `Account ${account} would lose ${formatUsd(excess)} USD more in scenario ${scenario} than it may on this chain.`,
      "Trade less, deposit more, or move capacity here with setWeights and wait for the next epochs. A gain that backs a position elsewhere must be kept until that one is closed.",
      options,
    );
    this.account = account;
    this.scenario = scenario;
    this.excess = excess;
  }
}

/** The change would leave the account with more notional at that consumer than it may hold there. */
export class GrossLimitExceeded extends PlimsollError {
  readonly account: Hex;
  /** Notional after the change, USD with 8 decimals, rounded up. */
  readonly gross: bigint;
  /** USD with 8 decimals. */
  readonly grossLimit: bigint;

  constructor(account: Hex, gross: bigint, grossLimit: bigint, options?: ErrorOptions) {
    super(
      "GROSS_LIMIT_EXCEEDED",
      `Account ${account} would hold ${formatUsd(gross)} USD of notional here; its limit is ${formatUsd(grossLimit)}.`,
      grossLimit === 0n
        ? "The account may only reduce here: it is below initial margin, or the market or a price feed is inactive."
        : "Trade less or deposit more. The limit grows with free capacity.",
      options,
    );
    this.account = account;
    this.gross = gross;
    this.grossLimit = grossLimit;
  }
}

/** The epoch allots nothing on that market to one of the accounts, which therefore may only reduce. */
export class NoAllotment extends PlimsollError {
  readonly account: Hex;

  constructor(account: Hex, options?: ErrorOptions) {
    super(
      "NO_ALLOTMENT",
      `Account ${account} has no allotment on this market and may only reduce there.`,
      "Deposit collateral for it, and wait with waitForAccount until an epoch counts it; with setWeights, name this market.",
      options,
    );
    this.account = account;
  }
}

/** The account has no proven allotment, or the chain's attestation has expired, and the change adds risk. */
export class OnlyReductionsAllowed extends PlimsollError {
  readonly account: Hex;
  readonly scenario: number;

  constructor(account: Hex, scenario: number, options?: ErrorOptions) {
    super(
      "ONLY_REDUCTIONS_ALLOWED",
      `Account ${account} may only reduce on this chain; the change loses in scenario ${scenario}.`,
      "Wait until an epoch that counts the account's collateral is attested (waitForAccount), then trade again. If epochs have stopped, see the nodes' /v1/health.",
      options,
    );
    this.account = account;
    this.scenario = scenario;
  }
}

/** The instrument's price is uncertain, or it has expired: a position in it may only shrink towards zero. */
export class InstrumentReduceOnly extends PlimsollError {
  readonly account: Hex;
  readonly instrument: Hex;

  constructor(account: Hex, instrument: Hex, options?: ErrorOptions) {
    super(
      "INSTRUMENT_REDUCE_ONLY",
      `A position of account ${account} in instrument ${instrument} may only shrink.`,
      "Trade at most what closes the position. The instrument's price feed is uncertain or late, or it has expired and settles; the newest epoch's leaf says which.",
      options,
    );
    this.account = account;
    this.instrument = instrument;
  }
}

/** The proofs are of another epoch than the newest that the chain has posted. */
export class StaleProof extends PlimsollError {
  /** What was proven; null where the contract does not say. */
  readonly epoch: bigint | null;
  /** What the chain has posted. */
  readonly newest: bigint;

  constructor(epoch: bigint | null, newest: bigint, options?: ErrorOptions) {
    super(
      "STALE_PROOF",
      `The proofs${epoch === null ? "" : ` of epoch ${epoch}`} do not hold: the chain has posted epoch ${newest}.`,
      "Fetch fresh proofs and send again. If this repeats, the nodes asked lag behind the chain: name others.",
      options,
    );
    this.epoch = epoch;
    this.newest = newest;
  }
}

/** A contract refused the call with an error that has no class of its own here. */
export class ContractRefused extends PlimsollError {
  /** The custom error's name, such as `OrderExpired`; null where the data is unknown. */
  readonly errorName: string | null;
  readonly args: readonly unknown[];

  constructor(errorName: string | null, args: readonly unknown[], hint: string, options?: ErrorOptions) {
    super(
      "CONTRACT_REFUSED",
      errorName === null
        ? "The contract refused the call without a reason."
        : `The contract refused the call: ${errorName}(${args.map(String).join(", ")}).`,
      hint,
      options,
    );
    this.errorName = errorName;
    this.args = args;
  }
}

/** A mined transaction reverted, and repeating the call at its block does not say why. */
export class TransactionReverted extends PlimsollError {
  readonly hash: Hex;

  constructor(hash: Hex, options?: ErrorOptions) {
    super(
      "TRANSACTION_REVERTED",
      `Transaction ${hash} was mined and reverted.`,
      "The state changed while it was under way, or it ran out of gas. Nothing happened on the chain; send it again.",
      options,
    );
    this.hash = hash;
  }
}

/** A transaction went through without the event that it always emits. */
export class MissingEvent extends PlimsollError {
  constructor(event: string, hash: Hex) {
    super(
      "MISSING_EVENT",
      `Transaction ${hash} did not emit ${event}.`,
      "The contract at that address is not Plimsoll's, or of another version. Check the node's /v1/chains.",
    );
  }
}

/** Operators may still be there: the newest attestation on the vault's chain has not been expired for long enough. */
export class ExitNotOpen extends PlimsollError {
  /** Seconds since 1970, by the chain's clock. */
  readonly opensAt: bigint;

  constructor(opensAt: bigint, options?: ErrorOptions) {
    super(
      "EXIT_NOT_OPEN",
      `Exits open at ${new Date(Number(opensAt) * 1000).toISOString()}, unless operators attest again.`,
      "While operators attest, withdraw by requestWithdrawal and claimWithdrawal.",
      options,
    );
    this.opensAt = opensAt;
  }
}

/** The epoch posted last lets nothing more go without operators than was already paid, or nothing was asked for. */
export class NothingToExit extends PlimsollError {
  /** Cumulative totals in the token's own decimals. */
  readonly exitTotal: bigint;
  readonly withdrawnTotal: bigint;
  readonly requestedTotal: bigint;

  constructor(totals: { exitTotal: bigint; withdrawnTotal: bigint; requestedTotal: bigint }, options?: ErrorOptions) {
    super(
      "NOTHING_TO_EXIT",
      `Free in all: ${totals.exitTotal}, already paid: ${totals.withdrawnTotal}, asked for in all: ${totals.requestedTotal}.`,
      totals.exitTotal > totals.withdrawnTotal
        ? "Ask with requestWithdrawal first: only the owner says how much leaves."
        : "Only an account without positions keeps anything for exit: half, or what was chosen by keepForExit while operators attested.",
      options,
    );
    this.exitTotal = totals.exitTotal;
    this.withdrawnTotal = totals.withdrawnTotal;
    this.requestedTotal = totals.requestedTotal;
  }
}

/** Nothing more is approved for payout than was already paid. */
export class WithdrawalNotApproved extends PlimsollError {
  /** Cumulative totals in the token's own decimals. */
  readonly approvedTotal: bigint;
  readonly withdrawnTotal: bigint;
  readonly requestedTotal: bigint;

  constructor(
    totals: { approvedTotal: bigint; withdrawnTotal: bigint; requestedTotal: bigint },
    options?: ErrorOptions,
  ) {
    super(
      "WITHDRAWAL_NOT_APPROVED",
      `Approved in all: ${totals.approvedTotal}, already paid: ${totals.withdrawnTotal}, asked for in all: ${totals.requestedTotal}.`,
      totals.requestedTotal > totals.approvedTotal
        ? "Operators approve a request in the first epoch in which the account stays solvent without the collateral. Wait for the next epochs, or reduce positions."
        : "Ask with requestWithdrawal first.",
      options,
    );
    this.approvedTotal = totals.approvedTotal;
    this.withdrawnTotal = totals.withdrawnTotal;
    this.requestedTotal = totals.requestedTotal;
  }
}

/** The consumer has no contract through which its accounts are liquidated: it is no derivative market. */
export class NoLiquidation extends PlimsollError {
  constructor(consumer: Address, options?: ErrorOptions) {
    super(
      "NO_LIQUIDATION",
      `Nobody is liquidated at ${consumer}.`,
      "A consumer with a margin formula of its own, as a credit line, sees to its debtors itself.",
      options,
    );
  }
}

/** Nobody takes over insolvent accounts at this market. */
export class NoBackstop extends PlimsollError {
  constructor(chain: string, options?: ErrorOptions) {
    super(
      "NO_BACKSTOP",
      `The market on ${chain} has no backstop account.`,
      "Close the account against others instead: deleverage. The market's owner names a backstop by nameBackstop.",
      options,
    );
  }
}
