import type { Address, Hex } from "viem";
import type { AccountId, Eid, InstrumentId, UnderlyingId } from "./ids.ts";

// The JSON of a node's API. Amounts are decimal strings of integers: USD with 8 decimals, tokens in their own decimals.

/** A decimal integer as a string, possibly negative. */
export type Amount = string;

export type AccountStatusName = "active" | "reduce-only" | "liquidatable" | "insolvent";

export interface HeaderJson {
  epoch: number;
  operatorSetId: number;
  root: Hex;
  cutHash: Hex;
  riskVersion: number;
  issuedAt: number;
  expiresAt: number;
}

/** Ready to be passed to `SolvencyAttestations.post`. */
export interface AttestationJson {
  header: HeaderJson;
  chainRoot: Hex;
  chainPath: Hex[];
  signatures: Hex;
}

export interface AccountLeafJson {
  account: AccountId;
  consumer: Address;
  status: number;
  grossLimit: Amount;
  allotment: Hex;
}

export interface InstrumentLeafJson {
  instrument: InstrumentId;
  status: number;
  mark: Amount;
  notional: Amount;
  charge: Amount;
  settlement: Amount;
  /** Signed. */
  funding: Amount;
  stressBps: number;
  prices: Hex;
}

/** `GET /v1/instruments`, ascending: what has a leaf in the newest attested epoch, on every chain with a consumer. */
export type InstrumentJson = Omit<InstrumentLeafJson, "prices">;

/** Ready to be passed to a consumer: leaves in ascending order, and one proof for all of them. */
export interface MarginProofJson {
  /** Of those that have an allotment there. */
  accounts: AccountLeafJson[];
  instruments: InstrumentLeafJson[];
  siblings: Hex[];
  /** One byte a step of the walk from the leaves to the root. */
  steps: Hex;
}

/** `GET /v1/proofs/trade?eid&consumer&accounts=a,b&instruments=i,j[&epoch]`; `epoch` defaults to the newest attested. */
export interface TradeProofsJson extends MarginProofJson {
  attestation: AttestationJson;
}

/** `GET /v1/proofs/instrument?eid&instrument[&epoch]`: what a market settles by once the leaf's status says so. */
export interface InstrumentProofJson {
  attestation: AttestationJson;
  leaf: InstrumentLeafJson;
  proof: Hex[];
}

/** `GET /v1/proofs/withdrawal?eid&account&asset[&epoch]` */
export interface WithdrawalProofJson {
  attestation: AttestationJson;
  leaf: { account: AccountId; vault: Address; asset: Address; approvedTotal: Amount; exitTotal: Amount };
  proof: Hex[];
}

/**
 * `GET /v1/proofs/deleverage?eid&consumer&account[&counterparties][&accounts=a,b][&instruments=i,j][&epoch]`: the queue of an
 * insolvent account, and what the contract checks the accounts in it against.
 */
export interface DeleverageProofJson extends TradeProofsJson {
  leaf: { account: AccountId; consumer: Address; queue: AccountId[] };
  /** From the queue's leaf to the chain's root. */
  proof: Hex[];
}

export interface CollateralJson {
  eid: Eid;
  vault: Address;
  asset: Address;
  underlying: UnderlyingId;
  decimals: number;
  /** What the vault's newest block says it holds of the account: deposited minus withdrawn. */
  held: Amount;
  /** What counts at the cut of the newest epoch: reported and finalized, less approved withdrawals. */
  counted: Amount;
  /** Deposited but not yet credited at the hub. */
  inFlight: Amount;
  requestedTotal: Amount;
  approvedTotal: Amount;
  /**
   * What may be paid in all once operators have been silent for the vault's exit delay. Less `withdrawnTotal`: what could leave
   * by exit now. It is allotted to no consumer.
   */
  exitTotal: Amount;
  withdrawnTotal: Amount;
  /** USD with 8 decimals, after haircut, without shock. */
  value: Amount;
}

export interface ConsumerPortfolioJson {
  eid: Eid;
  consumer: Address;
  cash: Amount;
  /** `value` is at the mark, less funding: with the cash it adds up to what the portfolio is worth, charges apart. */
  positions: { instrument: InstrumentId; size: Amount; mark: Amount; value: Amount }[];
  /** Loss in every scenario: minus the portfolio's value. */
  losses: Amount[];
  /** In the newest epoch. */
  allotment: { status: AccountStatusName; grossLimit: Amount; losses: Amount[] } | null;
  /** Newest epoch posted on that chain; the contract there checks against that one. */
  postedEpoch: number | null;
}

/** `GET /v1/accounts/:account` */
export interface AccountJson {
  account: AccountId;
  epoch: number;
  status: AccountStatusName;
  collateral: CollateralJson[];
  portfolios: ConsumerPortfolioJson[];
  /** Taken out because positions are large against their markets. */
  concentration: Amount;
  /** Collateral plus portfolios, less concentration, in every scenario. */
  values: Amount[];
  base: Amount;
  worst: Amount;
  worstScenario: number;
  initialMargin: Amount;
  maintenanceMargin: Amount;
}

/** `GET /v1/epochs` (newest first) and `GET /v1/epochs/:epoch` */
export interface EpochJson {
  header: HeaderJson;
  cut: { eid: Eid; number: number; hash: Hex; timestampSeconds: number }[];
  chainRoots: { eid: Eid; root: Hex }[];
  signers: Address[];
  attested: boolean;
  /** Chains where this epoch was posted, as far as this node has seen. */
  posted: { eid: Eid; blockNumber: number; transactionHash: Hex }[];
}

/** `GET /v1/messages?account&status&limit` (newest first) and `GET /v1/messages/:guid` */
export interface MessageJson {
  guid: Hex;
  payloadHash: Hex;
  nonce: string;
  srcEid: Eid;
  dstEid: Eid;
  sender: Hex;
  receiver: Hex;
  status: "sent" | "verified" | "delivered" | "failed";
  /** The account a collateral report speaks of; null for other messages. */
  account: AccountId | null;
  sent: { blockNumber: number; transactionHash: Hex; timestampSeconds: number } | null;
  verified: { blockNumber: number; transactionHash: Hex; timestampSeconds: number } | null;
  delivered: { blockNumber: number; transactionHash: Hex; timestampSeconds: number } | null;
}

/** `GET /v1/chains`: what is deployed where and how far this node has read. */
export interface ChainJson {
  eid: Eid;
  chainId: number;
  name: string;
  hub: boolean;
  contracts: {
    endpoint: Address;
    attestations: Address;
    vault: Address | null;
    consumers: Address[];
    ledger: Address | null;
    riskRegistry: Address | null;
    operatorRegistry: Address | null;
  };
  head: number;
  finalized: number;
  indexed: number;
  postedEpoch: number | null;
}

/** `GET /v1/vaults`: one asset of one vault, in the token's own decimals. */
export interface VaultLiquidityJson {
  eid: Eid;
  vault: Address;
  asset: Address;
  /** Null: the asset is not registered and counts nothing. */
  decimals: number | null;
  /** Deposited and not withdrawn, of all accounts. */
  held: Amount;
  /** Asked for by owners and not paid. */
  requested: Amount;
  /** Approved and not paid. */
  approved: Amount;
  /** What could be paid in all, approved or not, if operators fell silent now. */
  exitable: Amount;
}

/**
 * `GET /v1/liquidations`: one account's book at one consumer that is to be sold, taken over or closed there. USD and sizes
 * with 8 decimals, as of the newest attested epoch.
 */
export interface LiquidationJson {
  eid: Eid;
  consumer: Address;
  account: AccountId;
  epoch: number;
  /** Of the leaf: liquidatable or insolvent. */
  status: AccountStatusName;
  /** Of the whole account, over all chains. */
  base: Amount;
  maintenanceMargin: Amount;
  cash: Amount;
  /** `active`: it may be traded freely. One that is not stays where it is when the rest of the book is sold. */
  positions: { instrument: InstrumentId; size: Amount; mark: Amount; notional: Amount; active: boolean }[];
  /** Notional of all positions, rounded up. */
  gross: Amount;
  /** Of the leaf: no more is sold than leaves so much. */
  grossLimit: Amount;
  /** What the book owes at mark, without charges: cash and sizes times prices, rounded up. */
  owed: Amount;
  /** Loss in every scenario: minus the book's value, charges taken off. */
  losses: Amount[];
  /** Of the leaf, one entry a scenario. */
  allotment: Amount[];
}

/** `GET /v1/health`: 200 when it serves, 503 with the same body when it does not. */
export interface HealthJson {
  status: "ok" | "catching-up" | "degraded";
  operator: Address;
  version: string;
  epoch: number | null;
  chains: { eid: Eid; lagBlocks: number; ok: boolean; problem: string | null }[];
}

/** Every error: `application/problem+json` (RFC 9457) with a code to switch on and what to do next. */
export interface ProblemJson {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  hint: string;
}
