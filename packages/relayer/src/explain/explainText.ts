import { idToName, ownerOf, subAccountOf } from "@plimsoll/protocol/account";
import { accountStatus } from "@plimsoll/protocol/epoch";
import { statusName } from "@plimsoll/protocol/to-wire";
import type { AccountReport } from "@plimsoll/protocol/transition/account";
import type { MessageJson } from "@plimsoll/protocol/wire";
import { formatUnits } from "viem";
import {
  collateralName,
  type ExplainedCollateral,
  type ExplainedPortfolio,
  type ExplainedSale,
  type Explanation,
} from "./explainAccount.ts";

/** An explanation for people. Amounts in USD are rounded towards zero to cents where that says enough. */
export function explainText(explanation: Explanation): string {
  const { facts, collateral, portfolios, shocks, attribution } = explanation;
  const { account, epoch, state, report, messages, chainName, provenance } = facts;
  const { base, worst, worstScenario, initialMargin, maintenanceMargin } = report.margin;
  const cut = epoch.cut.map(({ eid, number }) => `${chainName(eid)} ${number}`).join(", ");
  const feeds = [...state.hub.prices].map(([underlying, { priceE8, updatedAtSeconds }]) => {
    const feed = state.hub.risk.underlyings.get(underlying)?.feed;
    const block = feed === undefined ? undefined : provenance.feeds.get(feed);
    return `  ${idToName(underlying)} ${price(priceE8)} of ${time(updatedAtSeconds)}, hub block ${block ?? "?"}`;
  });
  const underWay = messages.filter(({ status }) => status !== "delivered");
  return [
    `account ${account}: sub-account ${subAccountOf(account)} of ${ownerOf(account)}`,
    `epoch ${epoch.header.epoch}, issued ${time(epoch.header.issuedAt)}; cut: ${cut}`,
    `status ${statusName(report.status)}${report.problem === null ? "" : `: ${report.problem}`}`,
    "",
    "Margin",
    `  value with no shock       ${usd(base)}`,
    `  least value, scenario ${worstScenario}`.padEnd(28) + usd(worst),
    `  initial margin            ${usd(initialMargin)}   what scenario ${worstScenario} takes: ${shocksText(shocks)}`,
    `  maintenance margin        ${usd(maintenanceMargin)}   ${statusRule(report)}`,
    ...(attribution === null
      ? []
      : [
          `  made of                   ${[
            ...portfolios.flatMap(({ chain, positions }) =>
              positions.map(({ instrument, margin }) => `${idToName(instrument)} on ${chain} ${usd(margin)}`),
            ),
            ...attribution.collateral.map(({ margin }) => `${collateralName} ${usd(margin)}`),
          ].join(", ")}`,
          `  without that scenario     ${usd(initialMargin - attribution.bindingExcess)}`,
        ]),
    "",
    "Collateral",
    ...(collateral.length === 0 ? ["  none"] : collateral.flatMap(collateralText)),
    "",
    "Portfolios",
    ...(portfolios.length === 0 ? ["  none"] : portfolios.flatMap(portfolioText)),
    "",
    "Prices",
    ...feeds,
    "",
    "Messages under way",
    ...(underWay.length === 0 ? ["  none"] : underWay.map((message) => `  ${messageText(message, chainName)}`)),
  ].join("\n");
}

function statusRule({ status, margin: { base, worst, maintenanceMargin } }: AccountReport): string {
  if (status === accountStatus.insolvent) return "and the value is below zero: insolvent";
  if (base < maintenanceMargin) return "more than the value: liquidatable";
  return worst < 0n ? "less than the value, and the least value is below zero: reduce-only" : "less than the value";
}

function shocksText(shocks: Explanation["shocks"]): string {
  if (shocks.length === 0) return "no shock";
  const told = shocks.map(({ underlying, priceBps, volatilityBps }) => {
    const volatility = volatilityBps === 0 ? "" : `, volatility ${percent(volatilityBps)}`;
    return `${idToName(underlying)} ${percent(priceBps)}${volatility}`;
  });
  return `${told.join("; ")}, before any multiplier`;
}

function collateralText(item: ExplainedCollateral): string[] {
  const { chain, asset, decimals, underlying, haircutBps, held, reported, message, sequence } = item;
  const { unreported, unclaimed, asked, counted, value, exitable } = item;
  const some = (tokens: bigint, text: string) => (tokens === 0n ? [] : [`    ${text}`]);
  const amount = (tokens: bigint) => formatUnits(tokens, decimals);
  const name = underlying === null ? "not registered" : idToName(underlying);
  const report = sequence === null ? "" : `, report ${sequence}`;
  return [
    `  ${chain} ${asset} (${name}, haircut ${haircutBps / 100} %)`,
    `    in the vault ${amount(held)}, since block ${item.vaultBlock ?? "?"}`,
    `    on the hub   ${amount(reported)}, since block ${item.ledgerBlock ?? "?"}${report}${message === null ? "" : `, message ${message.guid}`}`,
    ...some(reported > held ? 1n : 0n, "             withdrawals count without a report"),
    ...some(unreported, `             less ${amount(unreported)} that no report has told the hub of yet`),
    ...some(unclaimed, `             less ${amount(unclaimed)} approved for withdrawal and not claimed yet`),
    `    counts for   ${amount(counted)}, worth ${usd(value)}`,
    ...some(asked, `    asked for    ${amount(asked)} to withdraw, not approved yet: ${waitsFor(item)}`),
    `    could leave  ${amount(exitable)} without operators, allotted to nobody`,
  ];
}

/** Why a withdrawal that was asked for is not approved. */
function waitsFor({ asked, counted, unreported }: ExplainedCollateral): string {
  if (asked <= counted)
    return "the account needs it, chains have to post smaller allotments first, or a price is in doubt";
  return asked <= counted + unreported ? "some of it is not reported yet" : "it is more than there is";
}

function portfolioText(portfolio: ExplainedPortfolio): string[] {
  const { chain, consumer, cash, cashBlock, positions, loss, reserved, allotment, sold } = portfolio;
  return [
    `  ${chain} ${consumer}`,
    cashBlock === null ? "    nothing was ever held here" : `    cash ${usd(cash)}, since block ${cashBlock}`,
    ...positions.map(
      ({ instrument, size, block, price: base, stressedPrice, margin }) =>
        `    ${formatUnits(size, 8)} ${idToName(instrument)} at ${price(base)}, in that scenario ${price(stressedPrice)}: adds ${usd(margin)}; since block ${block ?? "?"}`,
    ),
    `    in that scenario it loses ${usd(loss)}, may have lost ${usd(reserved)} unseen, may lose ${allotment === null ? "nothing more: it has no leaf" : usd(allotment)}`,
    ...(sold === null ? [] : [`    ${saleText(sold)}`]),
  ];
}

function saleText(sale: ExplainedSale): string {
  if (sale.to === "liquidators") return `liquidators may take all but ${usd(sale.notionalLeft)} of notional`;
  return `the backstop may take all of it, and leave ${usd(sale.owing)} owing`;
}

function messageText(message: MessageJson, chainName: (eid: number) => string): string {
  const { guid, status, srcEid, dstEid, sent, verified } = message;
  const places = [
    ...(sent === null ? [] : [`sent in block ${sent.blockNumber} at ${time(sent.timestampSeconds)}`]),
    ...(verified === null ? [] : [`verified in block ${verified.blockNumber}`]),
  ];
  return `${guid} ${chainName(srcEid)} -> ${chainName(dstEid)}: ${status}; ${places.join(", ")}`;
}

const percent = (bps: number): string => `${bps > 0 ? "+" : ""}${bps / 100} %`;
const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
const price = (e8: bigint): string => formatUnits(e8, 8);

/** @example usd(-123456789012n) // "-1,234.56 USD" */
export function usd(e8: bigint): string {
  const cents = (e8 < 0n ? -e8 : e8) / 1_000_000n;
  const whole = `${cents / 100n}`.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${e8 < 0n ? "-" : ""}${whole}.${`${cents % 100n}`.padStart(2, "0")} USD`;
}
