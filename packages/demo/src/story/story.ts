import { underlyings } from "@plimsoll/devnet/plimsoll/market-data";
import type { System } from "../system/system.ts";
import { castStory } from "./cast.ts";
import { closeHedgeChapter } from "./chapters/closeHedge.ts";
import { crashChapter } from "./chapters/crash.ts";
import { depositChapter, depositForMaker } from "./chapters/deposit.ts";
import { doubleSpendChapter } from "./chapters/doubleSpend.ts";
import { nettingChapter } from "./chapters/netting.ts";
import { withdrawalChapter } from "./chapters/withdrawal.ts";
import type { Narrator } from "./narrator.ts";

/**
 * Tells the story from deposit to withdrawal, each step checked.
 * @throws {StoryCheckFailed}
 */
export async function tellStory(system: System, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const cast = await castStory(system);
  const bitcoinPrice = underlyings.find(({ name }) => name === "BTC")?.priceE8 ?? 0n;
  await Promise.all([depositForMaker(cast), depositChapter(cast, narrator)]);
  await nettingChapter(cast, narrator, bitcoinPrice);
  await doubleSpendChapter(cast, narrator, bitcoinPrice);
  await closeHedgeChapter(cast, narrator, bitcoinPrice);
  await crashChapter(cast, narrator, signal);
  await withdrawalChapter(cast, narrator);
}
