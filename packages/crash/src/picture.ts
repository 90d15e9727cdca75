import { drawPanels, type LinePanel } from "@plimsoll/risk/drawing/line-panels";
import type { CrashReport } from "./run.ts";

/** The run as a picture: prices, what was on the list, and what it came to by leverage. */
export function drawReport({ steps, outcomes }: CrashReport): string {
  const first = 0;
  const end = Math.max(2, steps.length);
  const axis = {
    first,
    end,
    ticks: steps.flatMap(({ hour, minute }, x) => (minute === 0 ? [{ x, text: hour.slice(11, 16) }] : [])),
  };
  const [start] = steps;
  const percentOf = (price: bigint, from: bigint | undefined) => (from ? Number((price * 10_000n) / from) / 100 : 100);
  const prices: LinePanel = {
    title: "Prices, % of the first",
    ...axis,
    unit: " %",
    lines: [
      { name: "BTC", color: "#c77800", points: steps.map(({ btc }, x) => [x, percentOf(btc, start?.btc)]) },
      { name: "ETH", color: "#1f5fbf", points: steps.map(({ eth }, x) => [x, percentOf(eth, start?.eth)]) },
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
      { name: "liquidatable", color: "#c77800", points: listed("liquidatable") },
      { name: "insolvent", color: "#c3262b", points: listed("insolvent") },
    ],
  };
  const leverages = [...new Set(outcomes.map(({ member }) => member.leverage))].sort((a, b) => a - b);
  const lostAt = (lost: (outcome: CrashReport["outcomes"][number]) => bigint) =>
    leverages.map((leverage, x): [number, number] => {
      const group = outcomes.filter(({ member }) => member.leverage === leverage);
      const collateral = group.reduce((sum, one) => sum + one.collateral, 0n);
      const total = group.reduce((sum, one) => sum + lost(one), 0n);
      return [x, collateral === 0n ? 0 : Number((total * 1_000_000n) / collateral) / 10_000];
    });
  const losses: LinePanel = {
    title: "Discounts and deficits, % of collateral, by leverage",
    first: 0,
    end: Math.max(2, leverages.length),
    ticks: leverages.map((leverage, x) => ({ x, text: `${leverage}x` })),
    unit: " %",
    lines: [
      {
        name: "on chain",
        color: "#1f5fbf",
        points: lostAt(({ record }) => record.discount + record.backstopLoss + record.deleveragingLoss),
      },
      {
        name: "isolated (computed)",
        color: "#c3262b",
        points: lostAt(({ isolated }) => isolated.discount + isolated.deficit),
      },
    ],
  };
  return drawPanels([prices, accounts, losses]);
}
