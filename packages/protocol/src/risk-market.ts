import type {
  MarketExpiry,
  MarketInstrument,
  MarketUnderlying,
  RiskAccount,
  RiskMarket,
} from "@plimsoll/risk/account/market";
import { standardVolatilityTerm } from "@plimsoll/risk/shocks/volatility-term";
import type { VolatilitySurface } from "@plimsoll/risk/volatility/surface";
import { type Epoch, instrumentStatus } from "./epoch.ts";
import { InconsistentState } from "./errors.ts";
import type { AccountId, UnderlyingId } from "./ids.ts";
import { settlementWindowSeconds } from "./settlement.ts";
import type { HubState, StateAtCut } from "./state.ts";
import type { AccountReport } from "./transition/account.ts";
import { settlementOf } from "./transition/instruments.ts";
import { feedCondition, underlyingMarkets } from "./transition/markets.ts";

/** An epoch as far as prices follow from it. */
export type PricedEpoch = Pick<Epoch, "header" | "instruments">;

/**
 * The registries and feeds at an epoch's cut as a market: what `accountMargin` makes of an account in it is, to the last
 * digit, what the epoch's transition made of it, and hypotheses start from there.
 *
 * Underlyings and instruments are named by their ids, assets `eid:address`. What has no price is left out.
 *
 * @throws {InconsistentState} when the hub is missing from the state.
 * @example accountMargin(priceMarket(riskMarketAt(state, epoch)), riskAccountAt(state, account, report)).base
 */
export function riskMarketAt(state: StateAtCut, epoch: PricedEpoch): RiskMarket {
  const { hub } = state;
  const { risk } = hub;
  const cutSeconds = state.chains.get(hub.eid)?.block.timestampSeconds;
  if (cutSeconds === undefined) throw new InconsistentState(`the hub, eid ${hub.eid}, is not in the cut`);
  const nowSeconds = Math.max(cutSeconds, epoch.header.issuedAt);
  const markets = underlyingMarkets(hub, nowSeconds, []);
  const multipliers = multipliersOf(hub, epoch);
  const underlyings = new Map<string, MarketUnderlying>();
  for (const [id, { priceE8, stressBps }] of markets) {
    const registered = risk.underlyings.get(id);
    const price = hub.prices.get(id);
    if (registered === undefined || price === undefined) continue;
    underlyings.set(id, {
      priceE8,
      multiplierBps: BigInt(multipliers.get(id) ?? stressBps),
      feed: feedCondition(registered, nowSeconds - price.updatedAtSeconds),
      depthE8: registered.depthE8,
      basisRateE8: 0n,
      discountRateE8: 0n,
      expiries: expiriesOf(hub, id, cutSeconds),
      surface: surfaceOf(hub, id),
      volatilityBps: 10_000n,
    });
  }
  return {
    nowSeconds,
    scenarios: risk.scenarios,
    volatilityTerm: standardVolatilityTerm,
    maintenanceBps: risk.margin.maintenanceBps,
    underlyings,
    assets: new Map(
      [...risk.assets].flatMap(([key, { underlying, decimals, haircutBps, depthE8 }]) => {
        const market = markets.get(underlying);
        if (market === undefined) return [];
        // Collateral that nobody vouches for the price of counts nothing.
        const counting = market.trust === "fresh" ? haircutBps : 10_000;
        return [[key, { underlying, decimals, haircutBps: counting, depthE8 }] as const];
      }),
    ),
    instruments: instrumentsOf(hub),
  };
}

/** What an account has at an epoch's cut: collateral on chains named `eid`, each portfolio on one named `eid:consumer`. */
export function riskAccountAt(state: StateAtCut, account: AccountId, report: AccountReport): RiskAccount {
  const registered = state.hub.risk.assets;
  const vaults = [...state.chains.keys()].map((eid) => ({
    chain: `${eid}`,
    cash: 0n,
    positions: [],
    collateral: report.collateral
      .filter((item) => item.eid === eid && registered.has(`${eid}:${item.asset}`))
      .map(({ asset, counted }) => ({ asset: `${eid}:${asset}`, amount: counted })),
  }));
  const portfolios = report.consumers.flatMap(({ eid, consumer }) => {
    const held = state.chains.get(eid)?.portfolios.get(consumer)?.get(account);
    const positions = [...(held?.positions ?? [])].map(([instrument, size]) => ({ instrument, size }));
    return [{ chain: `${eid}:${consumer}`, cash: held?.cash ?? 0n, positions, collateral: [] }];
  });
  return { chains: [...vaults, ...portfolios] };
}

/** The multiplier in force by underlying, as the epoch's leaves tell it. */
function multipliersOf({ risk }: HubState, { instruments }: PricedEpoch): Map<UnderlyingId, number> {
  const multipliers = new Map<UnderlyingId, number>();
  for (const [id, { status, stressBps }] of instruments) {
    const underlying = risk.instruments.get(id)?.underlying;
    if (underlying !== undefined && status !== instrumentStatus.settled) multipliers.set(underlying, stressBps);
  }
  return multipliers;
}

function expiriesOf({ risk, averages }: HubState, underlying: UnderlyingId, cutSeconds: number) {
  const expiries = new Map<number, MarketExpiry>();
  for (const [expirySeconds, { basisRateE8, discountRateE8 }] of risk.expiries.get(underlying) ?? []) {
    const known = averages.get(underlying)?.get(expirySeconds);
    const secondsLeft = Math.min(settlementWindowSeconds, Math.max(0, expirySeconds - cutSeconds));
    const average = known && { priceSecondsE8: known.priceSecondsE8, seconds: known.seconds, secondsLeft };
    expiries.set(expirySeconds, { basisRateE8, discountRateE8, ...(average && { average }) });
  }
  return expiries;
}

function surfaceOf({ risk }: HubState, underlying: UnderlyingId): VolatilitySurface {
  const slices = [...(risk.expiries.get(underlying) ?? [])]
    .filter(([, { atTheMoneyE8 }]) => atTheMoneyE8 > 0n)
    .map(([expirySeconds, { atTheMoneyE8, skewE8, curvatureE8 }]) => {
      return { expirySeconds, atTheMoneyE8, skewE8, curvatureE8 };
    })
    .sort((a, b) => a.expirySeconds - b.expirySeconds);
  return { slices };
}

function instrumentsOf(hub: HubState): Map<string, MarketInstrument> {
  const instruments = new Map<string, MarketInstrument>();
  for (const [id, registered] of hub.risk.instruments) {
    const { kind, underlying, multiplierE8, strikeE8, expirySeconds, chargeBps } = registered;
    const { basisBpsAYear, mostBasisBps, shortMinimumBps } = registered;
    const settlementE8 = settlementOf(hub, registered);
    instruments.set(id, {
      kind,
      underlying,
      multiplierE8,
      strikeE8,
      expirySeconds,
      charges: { spreadBps: chargeBps, basisBpsAYear, mostBasisBps, shortMinimumBps },
      fundingE8: hub.fundingIndex.get(id) ?? 0n,
      ...(settlementE8 === null ? {} : { settlementE8 }),
    });
  }
  return instruments;
}
