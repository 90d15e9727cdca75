import { ImpossibleChange } from "../account/errors.ts";
import type { AccountChain, RiskAccount } from "../account/market.ts";
import type { PricedMarket } from "../account/priced-market.ts";
import { divDown, oneBps, oneE8 } from "../fixed-point.ts";

/** A hypothetical trade: positive sizes buy. */
export interface TradeChange {
  readonly kind: "trade";
  readonly chain: string;
  readonly instrument: string;
  /** Units, 8 decimals. */
  readonly size: bigint;
  /** USD a unit, 8 decimals; the mark if absent. */
  readonly priceE8?: bigint;
}

/** Collateral that is paid in (positive) or out, in the token's own decimals. */
export interface TransferChange {
  readonly kind: "transfer";
  readonly chain: string;
  readonly asset: string;
  readonly amount: bigint;
}

/** A move of an underlying's price, of its options' volatilities, or both; the time may pass as well. */
export interface MarketChange {
  readonly kind: "move";
  readonly underlying: string;
  /** Relative, above -10000. */
  readonly priceBps?: number;
  /** Relative to what the surface says, above -10000. */
  readonly volatilityBps?: number;
}

/** Time that passes while prices stand still. */
export interface TimeChange {
  readonly kind: "time";
  readonly seconds: number;
}

/** What may be supposed. */
export type Change = TradeChange | TransferChange | MarketChange | TimeChange;

/** An account in its market. */
export interface Situation {
  readonly priced: PricedMarket;
  readonly account: RiskAccount;
}

/**
 * The situation after changes, in their order. A trade moves cash by -size * (price - funding), rounded down.
 * @throws {UnknownInMarket | ImpossibleChange | UnpricedInstrumentKind | InvalidPricingInput}
 * @example applyChanges({ priced, account }, [{ kind: "move", underlying: "BTC", priceBps: -1000 }])
 */
export function applyChanges(situation: Situation, changes: readonly Change[]): Situation {
  return changes.reduce(applyChange, situation);
}

function applyChange({ priced, account }: Situation, change: Change): Situation {
  switch (change.kind) {
    case "trade":
      return { priced, account: applyTrade(priced, account, change) };
    case "transfer":
      return { priced, account: applyTransfer(priced, account, change) };
    case "move":
      return { priced: moveMarket(priced, change), account };
    case "time":
      return { priced: passTime(priced, change), account };
  }
}

/** The account after a trade. */
export function applyTrade(priced: PricedMarket, account: RiskAccount, trade: TradeChange): RiskAccount {
  const { mark, funding } = priced.instrument(trade.instrument);
  const price = (trade.priceE8 ?? mark) - funding;
  return changeChain(account, trade.chain, (chain) => {
    const held = chain.positions.find(({ instrument }) => instrument === trade.instrument)?.size ?? 0n;
    const others = chain.positions.filter(({ instrument }) => instrument !== trade.instrument);
    const size = held + trade.size;
    return {
      ...chain,
      cash: chain.cash + divDown(-trade.size * price, oneE8),
      positions: size === 0n ? others : [...others, { instrument: trade.instrument, size }],
    };
  });
}

function applyTransfer(
  priced: PricedMarket,
  account: RiskAccount,
  { chain, asset, amount }: TransferChange,
): RiskAccount {
  priced.asset(asset);
  return changeChain(account, chain, (before) => {
    const held = before.collateral.find((one) => one.asset === asset)?.amount ?? 0n;
    if (held + amount < 0n) {
      throw new ImpossibleChange(
        `The account has ${held} of ${asset} on ${chain}, less than the ${-amount} to be paid out.`,
        "Pay out no more than is there, in the token's own decimals.",
      );
    }
    const others = before.collateral.filter((one) => one.asset !== asset);
    return { ...before, collateral: [...others, { asset, amount: held + amount }] };
  });
}

function changeChain(account: RiskAccount, name: string, change: (chain: AccountChain) => AccountChain): RiskAccount {
  if (!account.chains.some(({ chain }) => chain === name)) {
    const empty: AccountChain = { chain: name, cash: 0n, positions: [], collateral: [] };
    return { chains: [...account.chains, change(empty)] };
  }
  return { chains: account.chains.map((chain) => (chain.chain === name ? change(chain) : chain)) };
}

function moveMarket(priced: PricedMarket, { underlying, priceBps = 0, volatilityBps = 0 }: MarketChange): PricedMarket {
  const known = priced.underlying(underlying);
  return priced.withUnderlying(underlying, {
    priceE8: divDown(known.priceE8 * (oneBps + wholeBps("price", priceBps)), oneBps),
    volatilityBps: divDown(known.volatilityBps * (oneBps + wholeBps("volatility", volatilityBps)), oneBps),
  });
}

function wholeBps(what: string, bps: number): bigint {
  if (!Number.isSafeInteger(bps) || bps <= -10_000) {
    throw new ImpossibleChange(`The ${what} cannot move by ${bps} basis points.`, "Give a whole number above -10000.");
  }
  return BigInt(bps);
}

function passTime(priced: PricedMarket, { seconds }: TimeChange): PricedMarket {
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new ImpossibleChange(`${seconds} seconds cannot pass.`, "Give whole seconds, 0 or more.");
  }
  return priced.later(seconds);
}
