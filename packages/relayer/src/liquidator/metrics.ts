import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { formatEther, formatUnits } from "viem";
import type { LiquidatorEvent } from "./events.ts";

/** What a liquidator counts as it runs. */
export interface LiquidatorMetrics {
  readonly registry: Registry;
  observe(event: LiquidatorEvent): void;
}

export interface LiquidatorMetricsOptions {
  /** Whether Node's own metrics (memory, event loop) are among them. */
  readonly defaults: boolean;
  /** Names of the deployment's chains. */
  readonly chains: readonly string[];
  readonly nowMs?: () => number;
}

const statuses = ["liquidatable", "insolvent"];

/** @example const metrics = createLiquidatorMetrics({ defaults: true, chains: ["base", "arbitrum"] }); */
export function createLiquidatorMetrics(options: LiquidatorMetricsOptions): LiquidatorMetrics {
  const { defaults, chains, nowMs = Date.now } = options;
  const registry = new Registry();
  const registers = [registry];
  if (defaults) collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });

  const lastLook = gauge(
    "plimsoll_liquidator_last_look_timestamp_seconds",
    "When the list of books was read last.",
    [],
  );
  const blind = counter("plimsoll_liquidator_blind_turns_total", "Turns on which no node answered.", []);
  const books = gauge("plimsoll_liquidator_books", "Books on the list, by what their accounts are.", [
    "chain",
    "status",
  ]);
  const actions = counter(
    "plimsoll_liquidator_actions_total",
    "What was done: started, taken, ended, taken-over, deleveraged.",
    ["chain", "action"],
  );
  const refusals = counter(
    "plimsoll_liquidator_refusals_total",
    "Attempts of which nothing came: too-much, overtaken, failed.",
    ["chain", "because"],
  );
  const nobody = counter("plimsoll_liquidator_nobody_total", "Times that nobody could take an insolvent book.", [
    "chain",
  ]);
  const notional = counter("plimsoll_liquidator_notional_usd_total", "Notional taken, USD.", ["chain"]);
  const discounts = counter("plimsoll_liquidator_discounts_usd_total", "Discounts earned, USD.", ["chain"]);
  const fees = counter("plimsoll_liquidator_gas_fees_native_total", "Paid for gas, in native coins.", ["chain"]);
  const balance = gauge("plimsoll_liquidator_balance_native", "What the key has to pay gas with, in native coins.", [
    "chain",
  ]);

  return {
    registry,
    observe(event) {
      if (event.type === "looked") {
        lastLook.set(nowMs() / 1000);
        for (const chain of chains) for (const status of statuses) books.set({ chain, status }, 0);
        for (const { chain, status } of event.books) books.inc({ chain, status });
      } else if (event.type === "blind") blind.inc();
      else if (event.type === "refused") refusals.inc({ chain: event.chain, because: event.because });
      else if (event.type === "nobody") nobody.inc({ chain: event.chain });
      else if (event.type === "balance") balance.set({ chain: event.chain }, Number(formatEther(event.balanceWei)));
      else {
        const { chain, type: action, feeWei } = event;
        actions.inc({ chain, action });
        fees.inc({ chain }, Number(formatEther(feeWei)));
        if (event.type !== "taken") return;
        notional.inc({ chain }, Number(formatUnits(event.notional, 8)));
        discounts.inc({ chain }, Number(formatUnits(event.discount, 8)));
      }
    },
  };
}
