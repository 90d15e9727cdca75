import { styleText } from "node:util";
import { formatUsd } from "@plimsoll/sdk/units/formatUsd";
import type { CrashReport, MemberOutcome } from "./run.ts";

const usd = (amount: bigint) => formatUsd(amount, { decimals: 0 });
const sum = <T>(list: readonly T[], of: (one: T) => bigint) => list.reduce((total, one) => total + of(one), 0n);
const count = <T>(list: readonly T[], is: (one: T) => boolean) => list.filter(is).length;

/** Whether anything of the account was sold, taken over or closed. */
const isLiquidated = ({ record }: MemberOutcome) => record.sales + record.takenOver + record.deleveraged > 0;

const widths = [18, 9, 9, 7, 7, 11, 12, 9, 7, 11, 12];

/** The report as lines for a terminal: by strategy and leverage, then in all, on chain and with isolated margin. */
export function renderReport(report: CrashReport): string[] {
  const { outcomes, violations, discountBps } = report;
  const groups = Map.groupBy(outcomes, ({ member: { kind, leverage } }) => `${kind} ${leverage}x`);
  const row = (cells: readonly (string | number)[]) =>
    `  ${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i] ?? 0) : String(cell).padStart(widths[i] ?? 0))).join(" ")}`;
  const verdict = `  ${"violations".padEnd(44)} ${violations.length}`;
  return [
    row(["", "", "| on chain", "", "", "", "", "| isolated", "", "", ""]),
    row([
      "strategy",
      "accounts",
      "partly",
      "wholly",
      "insolv.",
      "discount",
      "deficit",
      "partly",
      "wholly",
      "discount",
      "deficit",
    ]),
    ...[...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => row([name, ...figuresOf(group)])),
    row(["all", ...figuresOf(outcomes)]),
    "",
    ...totals(report).map(([name, value]) => `  ${name.padEnd(44)} ${value}`),
    "",
    "  On chain: deposits, positions, auctions, takeovers and deleveraging, by three operators, three chains and a bot; read",
    "  from the contracts' events and the operators' last epoch. Isolated: computed. The same positions, each with margin",
    "  of its own, through the same attested prices and risk arrays; sold when its own margin fails, down to what its",
    `  margin covers, at the discount that sales on chain came to (${discountBps.toFixed(1)} basis points of notional).`,
    violations.length === 0 ? styleText("green", verdict) : styleText("red", verdict),
    ...violations.slice(0, 20).map(({ invariant, where, detail }) => `  ${invariant}: ${where}: ${detail}`),
  ];
}

function figuresOf(group: readonly MemberOutcome[]): (string | number)[] {
  const liquidated = group.filter(isLiquidated);
  return [
    group.length,
    count(liquidated, ({ closed }) => !closed),
    count(liquidated, ({ closed }) => closed),
    count(group, ({ listedAs }) => listedAs === "insolvent"),
    usd(sum(group, ({ record }) => record.discount)),
    usd(sum(group, deficitOf)),
    count(group, ({ isolated }) => isolated.liquidated === "part"),
    count(group, ({ isolated }) => isolated.liquidated === "whole"),
    usd(sum(group, ({ isolated }) => isolated.discount)),
    usd(sum(group, ({ isolated }) => isolated.deficit)),
  ];
}

/** All that others had to pay for it, or are owed by it still. */
function deficitOf({ record, base }: MemberOutcome): bigint {
  return record.backstopLoss + record.deleveragingLoss + owed(base);
}

const owed = (base: bigint) => (base < 0n ? -base : 0n);

function totals({ outcomes }: CrashReport): [string, string][] {
  const all = (of: (one: MemberOutcome) => bigint) => usd(sum(outcomes, of));
  const isolatedCount = count(outcomes, ({ isolated }) => isolated.liquidated !== "none");
  return [
    ["collateral of all accounts, USD", all(({ collateral }) => collateral)],
    ["liquidated on chain, accounts", String(count(outcomes, isLiquidated))],
    ["discounts paid", all(({ record }) => record.discount)],
    ["insolvent accounts", String(count(outcomes, ({ listedAs }) => listedAs === "insolvent"))],
    ["taken over by the backstop, accounts", String(count(outcomes, ({ record }) => record.takenOver > 0))],
    ["closed against others, accounts", String(count(outcomes, ({ record }) => record.deleveraged > 0))],
    ["deficit taken by the backstop", all(({ record }) => record.backstopLoss)],
    ["deficit after it, paid by deleveraging", all(({ record }) => record.deleveragingLoss)],
    ["deficit left to nobody", all(({ base }) => owed(base))],
    ["isolated: liquidated, accounts", String(isolatedCount)],
    ["isolated: discounts paid", all(({ isolated }) => isolated.discount)],
    ["isolated: deficit", all(({ isolated }) => isolated.deficit)],
    ["isolated: collateral to be added at the start", all(({ isolated }) => isolated.added)],
  ];
}
