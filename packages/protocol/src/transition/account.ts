import type { MarginSummary } from "@plimsoll/risk/margin";
import type { Address } from "viem";
import type { AccountStatus, Allotment, Withdrawable } from "../epoch.ts";
import type { AccountAssetKey, AccountId, Eid } from "../ids.ts";
import { type Collateral, countedAmount, writeCollateralValue } from "./capacity.ts";
import { type AccountScratch, collateralOf, computeAccount } from "./compute-account.ts";
import type { Context } from "./context.ts";
import type { PricedInstruments } from "./instruments.ts";
import type { AccountProblem } from "./standing.ts";

/** What became of one asset of an account. Amounts in the token's own decimals. */
export interface CollateralReport {
  readonly eid: Eid;
  readonly asset: Address;
  readonly key: AccountAssetKey;
  /** What counts at the cut: reported and finalized, less what earlier epochs approved. */
  readonly counted: bigint;
  readonly requestedTotal: bigint;
  readonly approvedTotal: bigint;
  /** What may be paid in all once operators have been silent for the vault's exit delay. */
  readonly exitTotal: bigint;
  /** USD with 8 decimals, after haircut, without shock. */
  readonly value: bigint;
}

/** An account's portfolio at one consumer, USD with 8 decimals, one entry a scenario. */
export interface ConsumerReport {
  readonly eid: Eid;
  readonly consumer: Address;
  readonly losses: BigInt64Array;
  /** What may have been lost by now, unseen. */
  readonly reserved: BigInt64Array;
  /** Null where the account gets no leaf. */
  readonly allotment: Allotment | null;
}

/** One account at one epoch: what people want to know beside the leaves. */
export interface AccountReport {
  readonly status: AccountStatus;
  /** Why the account gets no leaves, or null. */
  readonly problem: AccountProblem | null;
  readonly collateral: readonly CollateralReport[];
  readonly consumers: readonly ConsumerReport[];
  /** Collateral plus portfolios in every scenario, USD with 8 decimals. Empty where there is a problem. */
  readonly values: BigInt64Array;
  readonly margin: MarginSummary;
  /** Taken out of `values` because positions are large against their markets: USD with 8 decimals. */
  readonly concentration: bigint;
  /** What portfolios are valued with: the epoch's instruments, and those that have a price but no leaf. */
  readonly prices: PricedInstruments["all"];
}

const nothing: Withdrawable = { approvedTotal: 0n, exitTotal: 0n };

/** Computes one account again, for people to read. */
export function reportAccount(context: Context, account: AccountId, scratch: AccountScratch): AccountReport {
  const outcome = computeAccount(context, account, scratch);
  const prices = context.instruments.all;
  const { status, problem, margin, concentration, allotments, withdrawals } = outcome;
  const collateral = collateralOf(context, account).map((item, index) =>
    reportCollateral(item, withdrawals[index] ?? nothing, scratch),
  );
  if (problem !== null)
    return { status, problem, collateral, consumers: [], values: new BigInt64Array(0), margin, concentration, prices };
  const consumers = context.consumers.flatMap(({ eid, consumer }, k): ConsumerReport[] => {
    const share = scratch.shares[k];
    if (share === undefined) return [];
    const { loss, reserved } = share;
    const allotment = context.silent.has(eid) ? null : (allotments?.[k] ?? null);
    return [{ eid, consumer, losses: loss.slice(), reserved: reserved.slice(), allotment }];
  });
  return { status, problem, collateral, consumers, values: scratch.values.slice(), margin, concentration, prices };
}

function reportCollateral(item: Collateral, withdrawable: Withdrawable, scratch: AccountScratch): CollateralReport {
  const { eid, asset, key, requestedTotal, gone } = item;
  const { collateralSum, collateralValue } = scratch;
  writeCollateralValue(item, gone, collateralSum, collateralValue);
  const value = collateralValue[0] ?? 0n;
  return { eid, asset, key, counted: countedAmount(item, gone), requestedTotal, ...withdrawable, value };
}
