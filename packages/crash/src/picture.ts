import { drawPanels, type LinePanel } from "@plimsoll/risk/drawing/line-panels";
import type { CrashReport, MemberOutcome } from "./run.ts";

const [orange, blue, red] = ["#c77800", "#1f5fbf", "#c3262b"];

/** The run as a picture: prices, what was on the list, and what it came to by strategy and leverage. */
export function drawReport({ steps, outcomes }: Pick<CrashReport, "steps" | "outcomes">): string {
  // Half a step of room on both sides: bars stand in the middle of theirs.
  const axis = {
    ...{ first: -0.5, end: Math.max(1, steps.length) - 0.5 },
    ticks: steps.flatMap(({ hour, minute }, x) => (minute === 0 ? [{ x, text: hour.slice(11, 16) }] : [])),
  };
  const [start] = steps;
  const percentOf = (price: bigint, from: bigint | undefined) => (from ? Number((price * 10_000n) / from) / 100 : 100);
  const paths = (["btc", "eth"] as const).map((coin) =>
    steps.map((step, x): [number, number] => [x, percentOf(step[coin], start?.[coin])]),
  );
  const least = Math.min(100, ...paths.flatMap((path) => path.map(([, value]) => value)));
  const [btc = [], eth = []] = paths;
  const prices: LinePanel = {
    title: "Prices, % of the first",
    ...axis,
    unit: " %",
    lowest: Math.floor(least / 10) * 10,
    lines: [
      { name: "BTC", color: orange, points: btc },
      { name: "ETH", color: blue, points: eth },
    ],
  };
  const listed = (status: string) =>
    steps.map(({ listed: books }, x): [number, number] => {
      return [x, new Set(books.filter((book) => book.status === status).map(({ account }) => account)).size];
    });
  const accounts: LinePanel = {
    title: "Accounts to be liquidated, by the price at which they were",
    ...axis,
    unit: "",
    lines: [
      { name: "liquidatable", color: orange, shape: "bars", points: listed("liquidatable") },
      { name: "insolvent", color: red, shape: "bars", points: listed("insolvent") },
    ],
  };
  return drawPanels([prices, accounts, lossesOf(outcomes)]);
}

/** What accounts paid, and others for them, by strategy and leverage. */
function lossesOf(outcomes: CrashReport["outcomes"]): LinePanel {
  const groups = [...Map.groupBy(outcomes, ({ member: { kind, leverage } }) => `${kind} ${leverage}x`)];
  groups.sort(([, [a]], [, [b]]) => (a?.member.leverage ?? 0) - (b?.member.leverage ?? 0));
  const lost = (of: (outcome: MemberOutcome) => bigint) =>
    groups.map(([, group], x): [number, number] => {
      const collateral = group.reduce((sum, one) => sum + one.collateral, 0n);
      const total = group.reduce((sum, one) => sum + of(one), 0n);
      return [x, collateral === 0n ? 0 : Number((total * 1_000_000n) / collateral) / 100];
    });
  const onChain = lost(({ record }) => record.discount + record.backstopLoss + record.deleveragingLoss);
  const isolated = lost((outcome) => outcome.isolated.discount + outcome.isolated.deficit);
  return {
    title: "Discounts and deficits, basis points of collateral, by strategy and leverage",
    ...{ first: -0.5, end: Math.max(1, groups.length) - 0.5 },
    ticks: groups.map(([text], x) => ({ x, text })),
    unit: "",
    lines: [
      { name: "on chain", color: blue, shape: "bars", points: onChain },
      { name: "isolated (computed)", color: red, shape: "bars", points: isolated },
    ],
  };
}
