import type { ChainStatus } from "@plimsoll/indexer/indexer";
import type { ChainProgress } from "./progress.ts";

const width = 24;

/**
 * One chain's backfill as a line for people.
 *
 * @example progressLine({ name: "alder", head: 100, indexed: 25 }, { blocksPerSecond: 5, secondsLeft: 15 })
 * // "alder   [######------------------] 25.0%  5 blocks/s, 15 s left"
 */
export function progressLine(
  { name, head, indexed, start = 0 }: Pick<ChainStatus, "name" | "head" | "indexed"> & { readonly start?: number },
  { blocksPerSecond, secondsLeft }: Pick<ChainProgress, "blocksPerSecond" | "secondsLeft">,
): string {
  const share = head <= start ? 0 : Math.min(1, Math.max(0, (indexed - start) / (head - start)));
  const done = Math.floor(share * width);
  const bar = `${"#".repeat(done)}${"-".repeat(width - done)}`;
  const left = secondsLeft === null ? "" : `, ${duration(secondsLeft)} left`;
  return `${name.padEnd(8)}[${bar}] ${(share * 100).toFixed(1)}%  ${Math.round(blocksPerSecond)} blocks/s${left}`;
}

/** @example duration(3725) // "1 h 2 min" */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
