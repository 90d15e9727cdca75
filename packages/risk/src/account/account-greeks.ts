import { UnpricedInstrumentKind } from "../errors.ts";
import { forwardPrice } from "../pricing/future.ts";
import { type AccountGreeks, aggregateGreeks, type Greeks, greeks } from "../pricing/greeks.ts";
import type { Instrument } from "../pricing/instrument.ts";
import { secondsPerYear } from "../pricing/limits.ts";
import { expectedAverageE8, type KnownAverage } from "../pricing/settlement-average.ts";
import { impliedVolatility } from "../volatility/implied-volatility.ts";
import { UnknownInMarket } from "./errors.ts";
import type { MarketInstrument, RiskAccount, RiskMarket } from "./market.ts";
import { expiryOf, secondsToExpiry, underlyingOf } from "./priced-market.ts";

/**
 * An account's Greeks per underlying and in all, over all chains, in doubles: see `greeks` for units.
 * @throws {UnknownInMarket | UnpricedInstrumentKind | InvalidPricingInput}
 * @example accountGreeks(market, account).underlyings.get("BTC")?.delta
 */
export function accountGreeks(market: RiskMarket, { chains }: RiskAccount): AccountGreeks {
  return aggregateGreeks(
    chains.flatMap(({ positions }) =>
      positions.map(({ instrument: name, size }) => {
        const terms = market.instruments.get(name);
        if (terms === undefined) throw new UnknownInMarket("instrument", name);
        return { underlying: terms.underlying, size: Number(size) / 1e8, greeks: unitGreeks(market, terms) };
      }),
    ),
  );
}

const noGreeks: Greeks = { delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 };

function unitGreeks(market: RiskMarket, terms: MarketInstrument): Greeks {
  const { kind, strikeE8, expirySeconds, settlementE8 } = terms;
  if (settlementE8 !== undefined) return noGreeks;
  const known = underlyingOf(market, terms.underlying);
  const multiplier = Number(terms.multiplierE8) / 1e8;
  const yearsToExpiry = secondsToExpiry(market, terms) / secondsPerYear;
  if (kind === "perpetual") return greeks({ kind, multiplier }, { index: Number(known.priceE8) / 1e8 });
  const { basisRateE8, discountRateE8, average } = expiryOf(known, expirySeconds ?? 0);
  const indexE8 = average === undefined ? known.priceE8 : expectedAverageE8(known.priceE8, average);
  const basisRate = Number(basisRateE8) / 1e8;
  const rates = { index: Number(indexE8) / 1e8, basisRate, discountRate: Number(discountRateE8) / 1e8 };
  if (kind === "future") return ofIndex(greeks({ kind, multiplier, yearsToExpiry }, rates), average);
  if (strikeE8 === undefined || known.surface === undefined || expirySeconds === undefined) {
    throw new UnpricedInstrumentKind(kind);
  }
  const strike = Number(strikeE8) / 1e8;
  const option: Instrument = { kind, multiplier, strike, yearsToExpiry };
  if (yearsToExpiry === 0) return ofIndex(greeks(option, { ...rates, volatility: 1 }), average);
  const point = { forward: forwardPrice(rates.index, basisRate, yearsToExpiry), strike, expirySeconds };
  const volatility = impliedVolatility(known.surface, { ...point, nowSeconds: market.nowSeconds });
  return ofIndex(
    greeks(option, { ...rates, volatility: (volatility * Number(known.volatilityBps)) / 10_000 }),
    average,
  );
}

/** Of an average the index moves only what is still to come. */
function ofIndex(ofAverage: Greeks, average: KnownAverage | undefined): Greeks {
  if (average === undefined) return ofAverage;
  const window = average.seconds + average.secondsLeft;
  const share = window === 0 ? 1 : average.secondsLeft / window;
  return { ...ofAverage, delta: ofAverage.delta * share, gamma: ofAverage.gamma * share * share };
}
