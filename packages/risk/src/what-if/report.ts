import { accountGreeks } from "../account/account-greeks.ts";
import { type AccountMargin, explainMargin, isolatedMargin } from "../account/account-margin.ts";
import { priceMarket } from "../account/priced-market.ts";
import type { SituationFile } from "../account/situation-json.ts";
import type { MarginPart } from "../attribution/attribution.ts";
import type { FilteredHistory } from "../history/filtered-history.ts";
import { accountRisk } from "../measures/account-risk.ts";
import { liquidationSurface, standardGrid } from "../measures/liquidation-surface.ts";
import { largestTrade } from "./largest-trade.ts";
import { heldInstruments, restoringTrade } from "./restoring-trade.ts";
import type { TradeKind } from "./trade-search.ts";
import { whatIf } from "./what-if.ts";

/** What past prices are looked back at. */
export interface ReportHistory {
  readonly history: FilteredHistory;
  readonly now: number;
}

const lookbackHours = 4380;

/** What takes longer than the rest, and is told where it is asked for. */
export interface ReportOptions {
  readonly past?: ReportHistory | undefined;
  /** Underlyings whose liquidation surface is wanted: about a hundred valuations each. */
  readonly liquidation: readonly string[];
  /** Writes a figure with 8 decimals; as a decimal if absent. */
  readonly write?: (valueE8: bigint) => string;
}

/**
 * Everything there is to say of an account, ready to be written as JSON: decimals are strings, exact.
 * @throws {RiskError} where the file asks for what cannot be.
 * @example whatIfReport(parseSituation(text), { liquidation: ["BTC"] }).margin.standing
 */
export function whatIfReport(file: SituationFile, { past, liquidation, write = decimal }: ReportOptions) {
  const { marginJson, partJson, restoringJson } = writers(write);
  const situation = { priced: priceMarket(file.market), account: file.account };
  const { before, after, difference } = whatIf(situation, file.changes);
  const { priced, account } = situation;
  const explained = explainMargin(priced, account);
  const isolated = isolatedMargin(priced, account);
  const restoring =
    before.worst < 0n ? restoringTrade(situation, file.restore ?? heldInstruments(situation)) : undefined;
  const fits = before.worst >= 0n;
  return {
    margin: marginJson(before),
    ...(file.changes.length === 0
      ? {}
      : {
          afterChanges: marginJson(after),
          difference: {
            base: write(difference.base),
            worst: write(difference.worst),
            initialMargin: write(difference.initialMargin),
            maintenanceMargin: write(difference.maintenanceMargin),
          },
        }),
    drivers: {
      bindingScenario: explained.summary.worstScenario,
      bindingExcess: write(explained.bindingExcess),
      positions: explained.positions.map(partJson),
      collateral: explained.collateral.map(partJson),
      chains: explained.chains.map(({ chain, margin }) => ({ chain, margin: write(margin) })),
    },
    isolated: {
      cross: write(isolated.cross),
      isolated: write(isolated.isolated),
      saving: write(isolated.saving),
    },
    greeks: {
      underlyings: Object.fromEntries(accountGreeks(file.market, account).underlyings),
      total: accountGreeks(file.market, account).total,
    },
    liquidation: liquidation
      .map((underlying) => liquidationSurface(situation, underlying, standardGrid))
      .map(({ underlying, nearest }) => ({ underlying, nearest })),
    ...(file.largest.length === 0
      ? {}
      : { largest: fits ? file.largest.flatMap((trade) => largestJson(trade)) : null }),
    ...(fits ? {} : { restoring: restoring === undefined ? null : restoringJson(restoring) }),
    ...(past === undefined ? {} : { risk: accountRisk(situation, past.history, past.now, lookbackHours) }),
  };

  function largestJson(trade: TradeKind) {
    return ([1, -1] as const).map((side) => {
      const { size, after: left, unlimited } = largestTrade(situation, trade, side);
      const { chain, instrument } = trade;
      return {
        chain,
        instrument,
        side: side === 1 ? ("buy" as const) : ("sell" as const),
        size: write(size),
        unlimited,
        margin: marginJson(left),
      };
    });
  }
}

function writers(write: (valueE8: bigint) => string) {
  const marginJson = (margin: AccountMargin) => ({
    standing: margin.standing,
    base: write(margin.base),
    worst: write(margin.worst),
    worstScenario: margin.worstScenario,
    initialMargin: write(margin.initialMargin),
    maintenanceMargin: write(margin.maintenanceMargin),
    concentration: Object.fromEntries([...margin.concentration].map(([name, charge]) => [name, write(charge)])),
  });
  const partJson = ({ chain, name, margin }: MarginPart) => ({ chain, name, margin: write(margin) });
  const restoringJson = ({ trade, cost, notional, after }: NonNullable<ReturnType<typeof restoringTrade>>) => ({
    chain: trade.chain,
    instrument: trade.instrument,
    size: write(trade.size),
    cost: write(cost),
    notional: write(notional),
    margin: marginJson(after),
  });
  return { marginJson, partJson, restoringJson };
}

/** A number with 8 decimals, written without the zeros at its end. */
function decimal(valueE8: bigint): string {
  const digits = (valueE8 < 0n ? -valueE8 : valueE8).toString().padStart(9, "0");
  const rest = digits.slice(-8).replace(/0+$/, "");
  return `${valueE8 < 0n ? "-" : ""}${digits.slice(0, -8)}${rest === "" ? "" : `.${rest}`}`;
}
