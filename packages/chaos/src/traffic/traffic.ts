import { setTimeout as sleep } from "node:timers/promises";
import type { Trader } from "@plimsoll/demo/story/cast";
import { connect, disconnect } from "@wagmi/core";
import { type Random, seededRandom } from "../random.ts";
import { type ActionName, act, deck, leaverDeck } from "./actions.ts";
import type { Traders } from "./traders.ts";

/** What traders did, by action, and why it was refused or failed, by the error's name. */
export interface TrafficCount {
  readonly done: ReadonlyMap<ActionName, number>;
  readonly failed: ReadonlyMap<string, number>;
}

export interface Traffic {
  count(): TrafficCount;
  /** Resolves once the last action is over or given up. */
  stop(): Promise<void>;
}

const pauseMs = { least: 100, most: 1_200 };
/** A transaction that a reorg or a killed chain swallowed is never mined: its sender gives up, as a person would. */
const patienceMs = 10_000;

/** Lets every trader do one thing after the other until stopped. What fails is counted, and something else is tried. */
export function startTraffic(traders: Traders, seed: number): Traffic {
  const stopping = new AbortController();
  const done = new Map<ActionName, number>();
  const failed = new Map<string, number>();
  const add = <K>(counts: Map<K, number>, key: K, more: number) => counts.set(key, (counts.get(key) ?? 0) + more);

  async function live(me: Trader, random: Random, from: readonly ActionName[]): Promise<void> {
    while (!stopping.signal.aborted) {
      const name = random.pick(from as [ActionName, ...ActionName[]]);
      try {
        add(done, name, await withinPatience(act(name, traders, me, random), stopping.signal));
      } catch (error) {
        if (stopping.signal.aborted) return;
        add(failed, error instanceof Error ? error.name : "unknown", 1);
        await reconnect(me);
      }
      await sleep(random.whole(pauseMs.least, pauseMs.most), undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const { takers, leaver } = traders;
  const lives = takers.map((taker, index) => live(taker, seededRandom(seed + index + 1), deck));
  lives.push(live(leaver, seededRandom(seed + takers.length + 1), leaverDeck));
  return {
    count: () => ({ done, failed }),
    async stop() {
      stopping.abort();
      await Promise.all(lives);
    },
  };
}

class OutOfPatience extends Error {
  override readonly name = "OutOfPatience";
}

/** An action's outcome, unless it takes too long. */
export async function withinPatience<T>(action: Promise<T>, signal: AbortSignal): Promise<T> {
  // It may yet fail when nobody listens any more.
  action.catch(() => {});
  const tooLong = sleep(patienceMs, undefined, { signal, ref: false })
    .catch(() => {})
    .then(() => {
      throw new OutOfPatience("gave up waiting");
    });
  return await Promise.race([action, tooLong]);
}

/** What was sent may be lost: the wallet's nonces begin anew, at what the chains say. */
export async function reconnect({ config }: Trader): Promise<void> {
  const [connector] = config.connectors;
  if (connector === undefined) return;
  await disconnect(config, { connector });
  await connect(config, { connector });
}
