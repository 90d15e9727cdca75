import { setTimeout as sleep } from "node:timers/promises";
import type { System } from "@plimsoll/demo/system/system";
import { october10Candles } from "@plimsoll/devnet/prices/candles";
import { type PricePoint, pricePath } from "@plimsoll/devnet/prices/path";
import { getEpoch } from "@plimsoll/sdk/actions/getEpoch";
import { getLiquidations } from "@plimsoll/sdk/actions/getLiquidations";
import { getChain } from "@plimsoll/sdk/deployment";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import { type AttestedMarket, marketAt } from "./marketAt.ts";
import type { Population } from "./population/settle.ts";
import { untilAnswered } from "./untilAnswered.ts";

/** One price of the replay, once an epoch has attested it and what was to be sold had its time to be. */
export interface Step extends PricePoint {
  readonly market: AttestedMarket;
  /** What the nodes listed meanwhile, newest last. */
  readonly listed: readonly Liquidation[];
  /** Books still to be liquidated when the next price came. */
  readonly left: number;
}

export interface ReplayOptions {
  readonly system: System;
  readonly population: Population;
  /** Falls below the first price are so many times as deep; 1 is as recorded. */
  readonly severity: number;
  /** How long a price may hold at most while there is something to be sold. */
  readonly holdMs: number;
  readonly onStep: (step: Step) => void;
}

/** What leads to the crash, and what follows: the hours between are as good as still. */
const hours = { from: "2025-10-10T19:00Z", to: "2025-10-10T23:00Z" };
const epochDeadlineMs = 90_000;
const lookEveryMs = 500;

/**
 * Replays the crash on the price feeds. Each price holds until an epoch speaks of it and, where it puts accounts on the
 * list, until none is left there, or for `holdMs` at most: the chains' clocks are those on the wall, and a recorded hour is
 * a minute of theirs.
 */
export async function replayCrash(options: ReplayOptions, signal: AbortSignal): Promise<Step[]> {
  const { system, population, severity, onStep } = options;
  const { feeds } = system.devnet;
  const points = pricePath(october10Candles().filter(({ hour }) => hour >= hours.from && hour <= hours.to));
  const [first] = points;
  const steps: Step[] = [];
  for (const point of points) {
    if (signal.aborted || first === undefined) break;
    const prices = { btc: deepened(point.btc, first.btc, severity), eth: deepened(point.eth, first.eth, severity) };
    const { blockNumber } = await feeds.setPrices({ BTC: prices.btc, ETH: prices.eth });
    await epochOver(population, Number(blockNumber), signal);
    const market = await untilAnswered(() => marketAt(population.plimsoll, population.maker.account));
    const { listed, left } = await soldOut(options, signal);
    const step = { ...point, ...prices, market, listed, left };
    steps.push(step);
    onStep(step);
  }
  return steps;
}

/** A price so many times as far below the first one; above it as recorded. */
function deepened(price: bigint, first: bigint, severity: number): bigint {
  if (price >= first) return price;
  const fall = ((first - price) * BigInt(Math.round(severity * 1_000))) / 1_000n;
  const lowest = first / 10n;
  return first - fall > lowest ? first - fall : lowest;
}

async function soldOut({ population, holdMs }: ReplayOptions, signal: AbortSignal) {
  const deadlineMs = performance.now() + holdMs;
  const listed: Liquidation[] = [];
  for (;;) {
    const books = await untilAnswered(() => getLiquidations(population.plimsoll));
    listed.push(...books);
    if (books.length === 0 || signal.aborted || performance.now() > deadlineMs) return { listed, left: books.length };
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
  }
}

/** Waits until an epoch's cut holds the hub's block. */
async function epochOver({ plimsoll }: Population, hubBlock: number, signal: AbortSignal): Promise<void> {
  const { eid } = getChain(plimsoll.deployment, "birch");
  const deadlineMs = performance.now() + epochDeadlineMs;
  while (!signal.aborted && performance.now() < deadlineMs) {
    const epoch = await untilAnswered(() => getEpoch(plimsoll));
    const cut = epoch?.cut.find((block) => block.eid === eid);
    if (epoch?.attested && cut !== undefined && cut.number >= hubBlock) return;
    await sleep(200, undefined, { signal }).catch(() => {});
  }
}
