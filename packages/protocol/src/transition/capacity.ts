import { amountToE8Down, collateralPrices, countedAmountE8 } from "@plimsoll/risk/collateral";
import { max, min, oneE8 } from "@plimsoll/risk/fixed-point";
import { addProduct, roundSumDown, type SplitVector, splitVector, startSum } from "@plimsoll/risk/vectors";
import type { Address } from "viem";
import { accountOfKey, assetOfKey } from "../chain-tree.ts";
import type { Epoch, Withdrawable } from "../epoch.ts";
import type { AccountAssetKey, AccountId, Eid } from "../ids.ts";
import type { ChainState, StateAtCut } from "../state.ts";
import { finish, type Steps } from "../steps.ts";
import type { Markets } from "./markets.ts";
import { isPosted } from "./path.ts";

/** Entries from one pause of what is collected in steps to the next. */
const entriesAStep = 1024;

/** How one asset of one vault is valued. */
interface AssetValuation {
  readonly decimals: number;
  /** Tokens, 8 decimals: the amount of which half would count. */
  readonly depthE8: bigint;
  /** What one token counts for in every scenario. */
  readonly prices: SplitVector;
  readonly largestPrice: number;
  /** Nobody vouches for the price: it counts nothing until the feed is back. */
  readonly stale: boolean;
}

/** One asset of one account at one vault. Amounts in the token's own decimals. */
export interface Collateral {
  readonly eid: Eid;
  readonly asset: Address;
  readonly key: AccountAssetKey;
  /** Null: not registered, or no price; it counts nothing. */
  readonly valuation: AssetValuation | null;
  /** Deposited by both the vault's account and the ledger's. */
  readonly deposited: bigint;
  /** Gone: approved by an earlier epoch, or paid. */
  readonly gone: bigint;
  /** Gone, or may go by an exit that an earlier epoch allows: nothing may be allotted on it. */
  readonly exitable: bigint;
  readonly approvedBefore: bigint;
  /** The part of it that the epoch posted on the vault's chain approved, or that is paid. */
  readonly approvedForSure: bigint;
  /** What may be paid in all, at once or by exit, under the epoch posted on the vault's chain. */
  readonly exitForSure: bigint;
  readonly requestedTotal: bigint;
  /** As in the newest earlier epoch. */
  readonly newest: Withdrawable | undefined;
}

/**
 * What every account has deposited, by account, in order of eid and asset.
 *
 * A deposit counts once it is both reported to the ledger over LayerZero and seen finalized on the vault: the lower of
 * the two totals. What an earlier epoch approved is gone from the moment it was approved; what one lets go by exit may
 * be gone as long as that epoch is, or may still be, the one posted on the vault's chain.
 *
 * @param exitEpochs Those under which an exit may happen at a chain's vault after the cut.
 */
export function collectCollateral(
  state: StateAtCut,
  earlier: readonly Epoch[],
  markets: Markets,
  exitEpochs: (chain: ChainState, earlier: readonly Epoch[]) => readonly Epoch[],
): Map<AccountId, Collateral[]> {
  return finish(collateralSteps(state, earlier, markets, exitEpochs));
}

/** `collectCollateral` in steps. */
export function* collateralSteps(
  state: StateAtCut,
  earlier: readonly Epoch[],
  markets: Markets,
  exitEpochs: (chain: ChainState, earlier: readonly Epoch[]) => readonly Epoch[],
): Steps<Map<AccountId, Collateral[]>> {
  let entries = 0;
  const byAccount = new Map<AccountId, Collateral[]>();
  for (const [eid, chain] of [...state.chains].sort(([a], [b]) => a - b)) {
    if (!state.hub.risk.vaults.has(eid)) continue;
    const ledger = state.hub.ledger.get(eid);
    const valuations = new Map<Address, AssetValuation | null>();
    const approvals = yield* highestTotals(eid, earlier, "approvedTotal");
    const exits = yield* highestTotals(eid, exitEpochs(chain, earlier), "exitTotal");
    const posted = postedWithdrawals(chain, earlier);
    const newest = earlier.at(-1)?.chains.get(eid)?.withdrawals;
    for (const [key, totals] of chain.vaultTotals) {
      if (entries++ % entriesAStep === 0) yield;
      const asset = assetOfKey(key);
      let valuation = valuations.get(asset);
      if (valuation === undefined) {
        valuation = valueAsset(state, eid, asset, markets);
        valuations.set(asset, valuation);
      }
      const reported = ledger?.get(key);
      const approvedBefore = max(approvals.get(key) ?? 0n, totals.withdrawn);
      const gone = max(approvedBefore, reported?.withdrawn ?? 0n);
      const certain = posted.get(key);
      const collateral: Collateral = {
        eid,
        asset,
        key,
        valuation,
        deposited: min(totals.deposited, reported?.deposited ?? 0n),
        gone,
        exitable: max(gone, exits.get(key) ?? 0n),
        approvedBefore,
        approvedForSure: max(certain?.approvedTotal ?? 0n, totals.withdrawn),
        exitForSure: max(certain?.exitTotal ?? 0n, totals.withdrawn),
        requestedTotal: totals.requestedTotal,
        newest: newest?.get(key),
      };
      const account = accountOfKey(key);
      const others = byAccount.get(account);
      if (others === undefined) byAccount.set(account, [collateral]);
      else others.push(collateral);
    }
  }
  for (const list of byAccount.values()) {
    if (list.length > 1) list.sort((a, b) => a.eid - b.eid || (a.asset < b.asset ? -1 : 1));
  }
  return byAccount;
}

/** The highest total of its kind in any of the epochs, by account and asset, at one chain's vault. */
function* highestTotals(
  eid: Eid,
  epochs: readonly Epoch[],
  kind: "approvedTotal" | "exitTotal",
): Steps<Map<AccountAssetKey, bigint>> {
  let entries = 0;
  const highest = new Map<AccountAssetKey, bigint>();
  for (const epoch of epochs) {
    for (const [key, withdrawable] of epoch.chains.get(eid)?.withdrawals ?? []) {
      if (entries++ % entriesAStep === 0) yield;
      const total = withdrawable[kind];
      if (total > (highest.get(key) ?? 0n)) highest.set(key, total);
    }
  }
  return highest;
}

const noWithdrawals: ReadonlyMap<AccountAssetKey, Withdrawable> = new Map();

/** What the epoch posted at the cut lets go, whatever becomes of other epochs. */
export function postedWithdrawals(
  chain: ChainState,
  earlier: readonly Epoch[],
): ReadonlyMap<AccountAssetKey, Withdrawable> {
  const posted = earlier.find((epoch) => isPosted(chain, epoch));
  return posted?.chains.get(chain.block.eid)?.withdrawals ?? noWithdrawals;
}

function valueAsset(state: StateAtCut, eid: Eid, asset: Address, markets: Markets): AssetValuation | null {
  const registered = state.hub.risk.assets.get(`${eid}:${asset}`);
  const market = registered && markets.get(registered.underlying);
  if (registered === undefined || market === undefined) return null;
  const prices = collateralPrices(market.priceE8, registered.haircutBps, market.shocks.priceShocksBps);
  return {
    decimals: registered.decimals,
    depthE8: registered.depthE8,
    prices: splitVector(prices),
    largestPrice: prices.reduce((most, price) => Math.max(most, Number(price)), 0),
    stale: market.trust !== "fresh",
  };
}

/** What counts of it once `gone` in all is gone, in the token's own decimals. */
export function countedAmount(collateral: Collateral, gone: bigint): bigint {
  return collateral.deposited > gone ? collateral.deposited - gone : 0n;
}

/**
 * Writes what collateral counts for in every scenario once `gone` in all is gone: USD E8, rounded down.
 *
 * Not proportional to the amount: the larger it is against the asset's depth, the less of it counts. What a withdrawal
 * takes is therefore the value before less the value after; it is never negative.
 */
export function writeCollateralValue(
  collateral: Collateral,
  gone: bigint,
  sum: SplitVector,
  target: BigInt64Array,
): void {
  if (collateral.valuation?.stale) target.fill(0n);
  else writeValueAtLastPrice(collateral, gone, sum, target);
}

/** As `writeCollateralValue`, and also where the last price is stale. */
export function writeValueAtLastPrice(
  collateral: Collateral,
  gone: bigint,
  sum: SplitVector,
  target: BigInt64Array,
): void {
  const amount = countedAmount(collateral, gone);
  if (collateral.valuation === null || amount === 0n) {
    target.fill(0n);
    return;
  }
  const { decimals, depthE8 } = collateral.valuation;
  const amountE8 = countedAmountE8(amountToE8Down(amount, decimals), depthE8);
  startSum(sum, 0n, target.length);
  addProduct(sum, amountE8 / oneE8, amountE8 % oneE8, collateral.valuation.prices);
  roundSumDown(sum, target, target.length);
}

/** A number no smaller than any figure that valuing it passes through, in double precision. */
export function collateralMagnitude(collateral: Collateral): number {
  if (collateral.valuation === null) return 0;
  const tokens = Number(collateral.deposited) / 10 ** collateral.valuation.decimals;
  return tokens * (collateral.valuation.largestPrice + 1);
}
