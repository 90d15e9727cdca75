import { min, mulDown } from "@plimsoll/risk/fixed-point";
import { type MarginSummary, marginSummary } from "@plimsoll/risk/margin";
import { type SplitVector, zeroSum } from "@plimsoll/risk/vectors";
import { type AccountStatus, type Allotment, accountStatus, type Withdrawable } from "../epoch.ts";
import type { AccountId } from "../ids.ts";
import { sameAllotment } from "../same-leaf.ts";
import type { Portfolio } from "../state.ts";
import { assertWithinCapacity, fitsCapacity, type Share, writeAllotments } from "./allot.ts";
import { type Collateral, writeCollateralValue } from "./capacity.ts";
import { concentrationOf } from "./concentration.ts";
import type { Context } from "./context.ts";
import { grossIn, writeLosses } from "./holdings.ts";
import { assertDebtsWithinCapacity, isSold, mostHeld, writeInsolventAllotments } from "./liquidation.ts";
import { makeReservedScratch, type ReservedScratch, writeReserved } from "./reserved.ts";
import { type AccountProblem, doubtOf, findProblem, isIdle, statusOf, uncountedValue } from "./standing.ts";
import { isNearlySame } from "./sticky.ts";
import { exitShareOf, lessBuffer, liquidationWeights, shareWeights } from "./weights.ts";
import { certainWithdrawable, decideWithdrawals } from "./withdrawals.ts";

/** What an epoch says of one account. Its figures are in the scratch memory, until the next account. */
export interface AccountOutcome {
  readonly status: AccountStatus;
  readonly problem: AccountProblem | null;
  readonly margin: MarginSummary;
  /** Taken out of the capacity in every scenario because positions are large against their markets: USD E8. */
  readonly concentration: bigint;
  /** By index in the context's consumers; null where the account gets no leaves. */
  readonly allotments: readonly Allotment[] | null;
  /** By index in the account's collateral. */
  readonly withdrawals: readonly Withdrawable[];
}

/** Memory that is used again for every account: one entry a scenario, USD with 8 decimals. */
export interface AccountScratch {
  readonly reserving: ReservedScratch;
  readonly collateralSum: SplitVector;
  readonly collateralValue: BigInt64Array;
  /** By index in the context's consumers. */
  readonly shares: readonly Share[];
  /** Collateral plus portfolios. */
  readonly values: BigInt64Array;
  /** What is left of values once feasible withdrawals are gone. */
  readonly slack: BigInt64Array;
  readonly capacity: BigInt64Array;
  readonly reservedSum: BigInt64Array;
}

export function makeAccountScratch({ scenarios, mostScenarios, consumers }: Context): AccountScratch {
  const row = () => new BigInt64Array(scenarios);
  return {
    reserving: makeReservedScratch(mostScenarios),
    collateralSum: zeroSum(scenarios),
    collateralValue: row(),
    shares: consumers.map(() => ({ loss: row(), reserved: row(), certain: row(), allotment: row() })),
    values: row(),
    slack: row(),
    capacity: row(),
    reservedSum: row(),
  };
}

const emptyPortfolio: Portfolio = { cash: 0n, positions: new Map() };
const noCollateral: readonly Collateral[] = [];
const noMargin: MarginSummary = { base: 0n, worst: 0n, worstScenario: 0, initialMargin: 0n, maintenanceMargin: 0n };

/** An account's collateral, in order of eid and asset. */
export function collateralOf(context: Context, account: AccountId): readonly Collateral[] {
  return context.collateral.get(account) ?? noCollateral;
}

/** Values one account and shares out its capacity. */
export function computeAccount(context: Context, account: AccountId, scratch: AccountScratch): AccountOutcome {
  const { consumers, margin } = context;
  const { shares, values, slack, capacity, reservedSum } = scratch;
  const collateral = collateralOf(context, account);
  const portfolios = consumers.map((consumer) => consumer.portfolios.get(account) ?? emptyPortfolio);
  const before = consumers.map((consumer) => consumer.stepAllotments.map((leaves) => leaves?.get(account)));
  const problem = findProblem(context, portfolios, before, collateral);
  if (problem !== null) {
    const withdrawals = collateral.map((item) => certainWithdrawable(item, 0n));
    const nothing = { margin: noMargin, concentration: 0n, allotments: null };
    return { status: accountStatus.reduceOnly, problem, ...nothing, withdrawals };
  }

  const concentration = concentrationOf(context.exposures, portfolios);
  writeTotalValue(collateral, "gone", concentration, scratch, values);
  if (collateral.every(({ gone, exitable }) => gone === exitable)) capacity.set(values);
  else writeTotalValue(collateral, "exitable", concentration, scratch, capacity);
  reservedSum.fill(0n);
  for (let k = 0; k < consumers.length; k++) {
    const share = shares[k] as Share;
    const portfolio = portfolios[k] as Portfolio;
    const { path } = consumers[k] as Context["consumers"][number];
    writeLosses(portfolio, path.today, scratch.reserving.sum, share.loss);
    writeReserved(path, portfolio, before[k] ?? [], share.loss, scratch.reserving, share.reserved);
    subtractFrom(values, share.loss);
    addTo(reservedSum, share.reserved);
  }
  const hasLeaves = largest(values) > 0n || consumers.some(({ portfolios: p }) => p.has(account));
  const summary = marginSummary(values, margin.maintenanceBps);
  const doubt = doubtOf(context, portfolios);
  const status =
    doubt === "none"
      ? statusOf(summary, concentration, uncountedValue(collateral, scratch.collateralSum, scratch.collateralValue))
      : accountStatus.reduceOnly;

  // What is reserved, or gone, may rest on epochs that nobody can ever post: then their approvals are not repeated.
  const doubtful = exceeds(reservedSum, capacity);
  slack.set(values);
  const chosen = context.weights.get(account);
  const exitShare = isIdle(portfolios) ? exitShareOf(consumers, chosen) : 0n;
  const withdrawals = decideWithdrawals(
    collateral,
    { capacity, slack, reservedSum, sum: scratch.collateralSum },
    { allowed: doubt === "none", exitShare },
  );

  const gross = consumers.map(({ path }, k) => grossIn(portfolios[k] as Portfolio, path.today));
  // The cushion for what it costs to sell large positions is let go where they are sold.
  if (isSold(status)) addEach(capacity, concentration);
  const shared = isSold(status) ? liquidationWeights(gross) : shareWeights(consumers, gross, chosen);
  // What a price says is free that nobody relies on any more may be gone already.
  const weights = doubt === "unpriced" ? consumers.map(() => 0n) : lessBuffer(shared, margin.bufferBps);
  if (exceeds(reservedSum, capacity)) writeCertain(context, account, portfolios, scratch);
  if (status === accountStatus.insolvent) writeInsolventAllotments(capacity, shares, gross);
  else writeAllotments(capacity, shares, weights);

  const held = mostHeld(status, gross, { values, shares, concentration }, margin.maintenanceBps);
  const computed = hasLeaves ? makeAllotments(context, status, held, weights, scratch) : null;
  return {
    status,
    problem: null,
    margin: summary,
    concentration,
    allotments: computed && keepOrReplace(context, account, computed, scratch, withdrawals.waiting),
    withdrawals: doubtful ? collateral.map((item) => certainWithdrawable(item, exitShare)) : withdrawals.withdrawables,
  };
}

/** What may have been lost under the posted epochs alone. */
function writeCertain(
  { consumers }: Context,
  account: AccountId,
  portfolios: readonly Portfolio[],
  { shares, reserving }: AccountScratch,
): void {
  for (const [k, { eid, consumer, postedPath }] of consumers.entries()) {
    const leaves = postedPath.steps.map(({ epoch }) => epoch.chains.get(eid)?.allotments.get(consumer)?.get(account));
    const { loss, certain } = shares[k] as Share;
    writeReserved(postedPath, portfolios[k] as Portfolio, leaves, loss, reserving, certain);
  }
}

/** Kept well inside 64 bits, for the epochs to come reckon with it. */
const largestGrossLimit = 1n << 58n;

/**
 * The leaves as computed; their arrays are still those of the scratch memory.
 * @param held Notional that may stay at each consumer.
 */
function makeAllotments(
  { consumers, margin }: Context,
  status: AccountStatus,
  held: readonly bigint[],
  weights: readonly bigint[],
  { slack, shares }: AccountScratch,
): Allotment[] {
  const leastSlack = least(slack);
  return consumers.map((consumer, k) => {
    const active = status === accountStatus.active && consumer.active;
    // Whoever may only reduce may hold no more than now.
    const growth = active ? mulDown(leastSlack, weights[k] ?? 0n) * BigInt(margin.maxLeverage) : 0n;
    return {
      status: status === accountStatus.active && !active ? accountStatus.reduceOnly : status,
      grossLimit: min((held[k] ?? 0n) + growth, largestGrossLimit),
      losses: (shares[k] as Share).allotment,
    };
  });
}

/** All of an account's allotments stay, or all are replaced; where they are equal the old object stays. */
function keepOrReplace(
  { consumers, margin }: Context,
  account: AccountId,
  computed: readonly Allotment[],
  { shares, capacity, slack }: AccountScratch,
  waiting: boolean,
): readonly Allotment[] {
  const before = consumers.map(({ newestAllotments }) => newestAllotments?.get(account));
  const candidates = computed.map((now, k) => {
    const old = before[k];
    return now.status === accountStatus.active && old !== undefined ? old : now;
  });
  const leastSlack = least(slack);
  const near =
    !waiting &&
    candidates.every((old, k) => {
      const now = computed[k] as Allotment;
      return old === now || isNearlySame(old, now, leastSlack, margin.stickyBps, margin.maxLeverage);
    });
  if (near && fitsCapacity(capacity, shares, candidates)) return candidates.map(ownArray);
  if (computed.some(({ status }) => status === accountStatus.insolvent)) {
    assertDebtsWithinCapacity(capacity, shares, account);
  } else assertWithinCapacity(capacity, shares, account);
  return computed.map((allotment, k) => {
    const old = before[k];
    return old !== undefined && sameAllotment(old, allotment) ? old : ownArray(allotment, k);
  });

  function ownArray(allotment: Allotment, k: number): Allotment {
    return allotment === before[k] ? allotment : { ...allotment, losses: allotment.losses.slice() };
  }
}

/** Value in every scenario of the collateral that is there without what is gone, or may go by exit, less a charge. */
function writeTotalValue(
  collateral: readonly Collateral[],
  without: "gone" | "exitable",
  charge: bigint,
  { collateralSum, collateralValue }: AccountScratch,
  target: BigInt64Array,
): void {
  target.fill(-charge);
  for (const item of collateral) {
    writeCollateralValue(item, item[without], collateralSum, collateralValue);
    addTo(target, collateralValue);
  }
}

function addEach(target: BigInt64Array, amount: bigint): void {
  for (let s = 0; s < target.length; s++) target[s] = (target[s] as bigint) + amount;
}

function addTo(target: BigInt64Array, values: BigInt64Array): void {
  for (let s = 0; s < target.length; s++) target[s] = BigInt.asIntN(64, (target[s] as bigint) + (values[s] as bigint));
}

function subtractFrom(target: BigInt64Array, values: BigInt64Array): void {
  for (let s = 0; s < target.length; s++) target[s] = BigInt.asIntN(64, (target[s] as bigint) - (values[s] as bigint));
}

// Loops, because a callback would be given each entry as an object of its own.

function least(values: BigInt64Array): bigint {
  let lowest = values[0] as bigint;
  for (let s = 1; s < values.length; s++) if ((values[s] as bigint) < lowest) lowest = values[s] as bigint;
  return lowest;
}

function largest(values: BigInt64Array): bigint {
  let highest = values[0] as bigint;
  for (let s = 1; s < values.length; s++) if ((values[s] as bigint) > highest) highest = values[s] as bigint;
  return highest;
}

/** Whether any entry is more than the other's. */
function exceeds(values: BigInt64Array, limits: BigInt64Array): boolean {
  for (let s = 0; s < values.length; s++) if ((values[s] as bigint) > (limits[s] as bigint)) return true;
  return false;
}
