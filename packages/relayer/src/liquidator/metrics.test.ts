import { parseEther } from "viem";
import { expect, test } from "vitest";
import type { LiquidatorEvent } from "./events.ts";
import { createLiquidatorMetrics } from "./metrics.ts";

const spent = { chain: "birch", gas: 250_000n, feeWei: parseEther("0.001") };
const events: readonly LiquidatorEvent[] = [
  {
    type: "looked",
    books: [
      { chain: "birch", status: "liquidatable" },
      { chain: "birch", status: "liquidatable" },
    ],
  },
  { type: "looked", books: [{ chain: "birch", status: "insolvent" }] },
  { type: "blind" },
  { ...spent, type: "started" },
  { ...spent, type: "taken", notional: 500_050_000_000n, discount: 1_860_000_000n },
  { ...spent, type: "ended" },
  { ...spent, type: "taken-over" },
  { ...spent, type: "deleveraged" },
  { type: "refused", chain: "birch", because: "overtaken" },
  { type: "nobody", chain: "birch" },
  { type: "balance", chain: "cedar", balanceWei: parseEther("1.5") },
];

test("default: what the bot saw last, and what it did", async () => {
  const metrics = createLiquidatorMetrics({
    defaults: false,
    chains: ["birch", "cedar"],
    nowMs: () => 1_760_000_000_500,
  });
  for (const event of events) metrics.observe(event);
  const text = await metrics.registry.metrics();
  const on = 'chain="birch"';
  const lines = [
    "plimsoll_liquidator_last_look_timestamp_seconds 1760000000.5",
    "plimsoll_liquidator_blind_turns_total 1",
    `plimsoll_liquidator_books{${on},status="liquidatable"} 0`,
    `plimsoll_liquidator_books{${on},status="insolvent"} 1`,
    'plimsoll_liquidator_books{chain="cedar",status="insolvent"} 0',
    ...["started", "taken", "ended", "taken-over", "deleveraged"].map(
      (action) => `plimsoll_liquidator_actions_total{${on},action="${action}"} 1`,
    ),
    `plimsoll_liquidator_refusals_total{${on},because="overtaken"} 1`,
    `plimsoll_liquidator_nobody_total{${on}} 1`,
    `plimsoll_liquidator_notional_usd_total{${on}} 5000.5`,
    `plimsoll_liquidator_discounts_usd_total{${on}} 18.6`,
    `plimsoll_liquidator_gas_fees_native_total{${on}} 0.005`,
    'plimsoll_liquidator_balance_native{chain="cedar"} 1.5',
  ];
  for (const line of lines) expect(text.split("\n"), line).toContain(line);
  const tested = new Set(lines.map((line) => line.replace(/(\{.*)? .*$/, "")));
  for (const { name } of metrics.registry.getMetricsAsArray()) expect(tested).toContain(name);
});
