import { setTimeout as sleep } from "node:timers/promises";
import { ReplayRangeInvalid } from "../errors.ts";
import { october10Candles } from "./candles.ts";
import type { Feeds } from "./feeds.ts";
import { type PricePoint, pricePath } from "./path.ts";

export interface ReplayOptions {
  readonly feeds: Feeds;
  /** First hour replayed, as the table names it. */
  readonly from?: string;
  /** Last hour replayed, inclusive. */
  readonly to?: string;
  /** From one push to the next; a push itself takes until its block. */
  readonly stepMs: number;
  /** Called, and awaited, after each push is on chain. */
  readonly onStep?: (step: ReplayStep) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface ReplayStep extends PricePoint {
  readonly index: number;
  readonly total: number;
  readonly blockNumber: bigint;
}

/**
 * Replays 10 October 2025 on the hub's feeds: bitcoin and ether, four points an hour, both in one block. Ends early
 * when `signal` is aborted.
 *
 * @throws {ReplayRangeInvalid | TransactionFailed}
 * @example
 * await replayPrices({ feeds, from: "2025-10-10T20:00Z", to: "2025-10-10T22:00Z", stepMs: 2_000 });
 */
export async function replayPrices({ feeds, from, to, stepMs, onStep, signal }: ReplayOptions): Promise<void> {
  const points = pricePath(hoursBetween(from, to));
  for (const [index, point] of points.entries()) {
    if (signal?.aborted) return;
    const startedMs = Date.now();
    const { blockNumber } = await feeds.setPrices({ BTC: point.btc, ETH: point.eth });
    await onStep?.({ ...point, index, total: points.length, blockNumber });
    const restMs = stepMs - (Date.now() - startedMs);
    if (restMs > 0 && index < points.length - 1) await sleep(restMs, undefined, { signal }).catch(() => {});
  }
}

function hoursBetween(from: string | undefined, to: string | undefined) {
  const hours = october10Candles();
  const first = from === undefined ? 0 : hours.findIndex(({ hour }) => hour === from);
  const last = to === undefined ? hours.length - 1 : hours.findIndex(({ hour }) => hour === to);
  if (first < 0) throw new ReplayRangeInvalid(`the table has no hour ${from}`);
  if (last < 0) throw new ReplayRangeInvalid(`the table has no hour ${to}`);
  if (last < first) throw new ReplayRangeInvalid(`${to} is before ${from}`);
  return hours.slice(first, last + 1);
}
