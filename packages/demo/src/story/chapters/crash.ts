import { setTimeout as sleep } from "node:timers/promises";
import { replayPrices } from "@plimsoll/devnet/prices/replay";
import { getEpoch } from "@plimsoll/sdk/actions/getEpoch";
import { watchAccount } from "@plimsoll/sdk/actions/watchAccount";
import type { Account } from "@plimsoll/sdk/node/accountSchema";
import { formatUsd } from "@plimsoll/sdk/units/formatUsd";
import { type Cast, patienceMs } from "../cast.ts";
import type { Narrator } from "../narrator.ts";

/** Points in these hours wait for an epoch of their own; others follow each other block by block, an epoch to the hour. */
const slowHours = ["2025-10-10T20:00Z", "2025-10-10T21:00Z"];
const lastMinute = 59;
const widths = [8, 17, 9, 10, 10, 10, 10, 12];

/** 10 October 2025 from noon to the next morning, on the hub's price feeds, one line an epoch. */
export async function crashChapter(cast: Cast, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const { plimsoll, alice, system } = cast;
  narrator.chapter("The crash of 10 October 2025", "Eighteen hours of real prices; margin epoch by epoch, USD.");
  narrator.row(["epoch", "time (UTC)", "BTC", "base", "initial", "mainten.", "worst", "status"], widths);

  const timeOfPrice = new Map<bigint, string>();
  const rows = new Map<number, Account>();
  const unwatch = watchAccount(plimsoll, {
    account: alice.account,
    onChange: (account) => {
      const mark = account.portfolios.flatMap(({ positions }) => positions)[0]?.mark;
      if (mark === undefined || rows.has(account.epoch)) return;
      rows.set(account.epoch, account);
      const whole = (value: bigint) => formatUsd(value, { decimals: 0 });
      narrator.row(
        [
          String(account.epoch),
          timeOfPrice.get(mark) ?? "",
          whole(mark),
          whole(account.base),
          whole(account.initialMargin),
          whole(account.maintenanceMargin),
          whole(account.worst),
          account.status,
        ],
        widths,
      );
    },
  });
  let hourly = 0;
  try {
    await replayPrices({
      feeds: system.devnet.feeds,
      stepMs: 1_000,
      signal,
      onStep: async ({ hour, minute, btc, blockNumber }) => {
        timeOfPrice.set(btc, `${hour.slice(0, 14)}${String(minute).padStart(2, "0")}`.replace("T", " "));
        if (slowHours.includes(hour)) await epochOver(cast, Number(blockNumber), signal);
        else if (minute === lastMinute) hourly = await epochAfter(cast, hourly, signal);
      },
    });
    await epochOver(cast, Number((await newestHubBlock(cast)) + 1), signal);
  } finally {
    unwatch();
  }
  const statuses = new Set([...rows.values()].map(({ status }) => status));
  const lowest = [...rows.values()].reduce((least, account) => (account.base < least.base ? account : least));
  narrator.check(rows.size >= 18, `${rows.size} epochs, each with its own margin`);
  narrator.check(
    lowest.base < lowest.maintenanceMargin && statuses.has("liquidatable"),
    `at the low, epoch ${lowest.epoch}, the account is under maintenance margin and marked liquidatable`,
  );
  narrator.check(
    lowest.base > 0n,
    `and still worth ${formatUsd(lowest.base, { decimals: 0 })} USD: nobody else has lost anything`,
  );
}

type AttestedEpoch = NonNullable<Awaited<ReturnType<typeof getEpoch>>>;

/** Waits until an epoch's cut holds the hub's block. */
async function epochOver(cast: Cast, hubBlock: number, signal: AbortSignal): Promise<void> {
  await untilEpoch(cast, signal, ({ cut }) =>
    cut.some(({ eid, number }) => eid === cast.birch.eid && number >= hubBlock),
  );
}

/** Waits for a higher epoch than `before`, and gives its number. */
async function epochAfter(cast: Cast, before: number, signal: AbortSignal): Promise<number> {
  const newer = await untilEpoch(cast, signal, ({ header }) => Number(header.epoch) > before);
  return Number(newer?.header.epoch ?? before);
}

async function untilEpoch(
  { plimsoll }: Cast,
  signal: AbortSignal,
  predicate: (epoch: AttestedEpoch) => boolean,
): Promise<AttestedEpoch | null> {
  const deadlineMs = performance.now() + patienceMs;
  while (!signal.aborted && performance.now() < deadlineMs) {
    const epoch = await getEpoch(plimsoll);
    if (epoch?.attested && predicate(epoch)) return epoch;
    await sleep(200, undefined, { signal }).catch(() => {});
  }
  return null;
}

async function newestHubBlock({ plimsoll, birch }: Cast): Promise<number> {
  const epoch = await getEpoch(plimsoll);
  return epoch?.cut.find(({ eid }) => eid === birch.eid)?.number ?? 0;
}
