import { UnpricedInstrumentKind } from "../errors.ts";
import { forwardPrice } from "../pricing/future.ts";
import { type AccountGreeks, aggregateGreeks, type Greeks, greeks } from "../pricing/greeks.ts";
import type { Instrument } from "../pricing/instrument.ts";
import { secondsPerYear } from "../pricing/limits.ts";
import { impliedVolatility } from "../volatility/implied-volatility.ts";
import { UnknownInMarket } from "./errors.ts";
import type { MarketInstrument, RiskAccount, RiskMarket } from "./market.ts";
import { secondsToExpiry, underlyingOf } from "./priced-market.ts";

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

function unitGreeks(market: RiskMarket, terms: MarketInstrument): Greeks {
  const { kind, strikeE8, expirySeconds } = terms;
  const known = underlyingOf(market, terms.underlying);
  const index = Number(known.priceE8) / 1e8;
  const multiplier = Number(terms.multiplierE8) / 1e8;
  const yearsToExpiry = secondsToExpiry(market, terms) / secondsPerYear;
  const basisRate = Number(known.basisRateE8) / 1e8;
  const rates = { index, basisRate, discountRate: Number(known.discountRateE8) / 1e8 };
  if (kind === "perpetual") return greeks({ kind, multiplier }, rates);
  if (kind === "future") return greeks({ kind, multiplier, yearsToExpiry }, rates);
  if (strikeE8 === undefined || known.surface === undefined || expirySeconds === undefined) {
    throw new UnpricedInstrumentKind(kind);
  }
  const strike = Number(strikeE8) / 1e8;
  const option: Instrument = { kind, multiplier, strike, yearsToExpiry };
  if (yearsToExpiry === 0) return greeks(option, { ...rates, volatility: 1 });
  const point = { forward: forwardPrice(index, basisRate, yearsToExpiry), strike, expirySeconds };
  const volatility = impliedVolatility(known.surface, { ...point, nowSeconds: market.nowSeconds });
  return greeks(option, { ...rates, volatility: (volatility * Number(known.volatilityBps)) / 10_000 });
}
