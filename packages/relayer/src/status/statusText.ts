import type { NodeStatus } from "../api/status.ts";
import { duration } from "../liveness/bar.ts";
import { printable } from "../printable.ts";

/** How a node is doing, for people, and whether anything about it is wrong. */
export interface StatusReport {
  readonly text: string;
  /** Empty while all is well. A node that is catching up is well. */
  readonly problems: readonly string[];
}

/** Epochs come every few seconds to minutes; attestations expire in about an hour. */
const oldEpochSeconds = 600;

/**
 * @example
 * const { text, problems } = describeStatus(status);
 */
export function describeStatus(status: NodeStatus): StatusReport {
  const { operator, version, upSeconds, epoch, epochAgeSeconds, highestSigned, streams, chains, peers } = status;
  const lines = [
    `operator ${operator}, version ${version}, up ${duration(upSeconds)}${status.draining ? ", about to end" : ""}`,
    epoch === null
      ? "no epoch yet"
      : `epoch ${epoch}, ${duration(epochAgeSeconds ?? 0)} old; signed up to ${highestSigned}; ${streams} live streams`,
    "",
    ...table([
      ["chain", "eid", "head", "final", "indexed", "behind", "left", "posted", "state"],
      ...chains.map((chain) => [
        chain.name,
        `${chain.eid}`,
        numberOrNone(chain.head),
        numberOrNone(chain.finalized),
        numberOrNone(chain.indexed),
        `${chain.lagBlocks}`,
        chain.secondsLeft === null ? "?" : duration(chain.secondsLeft),
        chain.postedEpoch === null ? "-" : `${chain.postedEpoch}`,
        stateOf(chain),
      ]),
    ]),
    ...upcomingFeedsOf(chains),
    "",
    ...table([
      ["peer", "answered", "problem"],
      ...peers.map(({ address, lastAnswerSecondsAgo, problem }) => [
        address,
        lastAnswerSecondsAgo === null ? "never" : `${duration(lastAnswerSecondsAgo)} ago`,
        printable(problem ?? ""),
      ]),
    ]),
  ];
  return { text: lines.join("\n"), problems: problemsOf(status) };
}

function problemsOf({ epoch, epochAgeSeconds, upSeconds, chains, peers }: NodeStatus): string[] {
  const caughtUp = chains.every(({ indexed, secondsLeft }) => indexed >= 0 && secondsLeft !== null && secondsLeft < 60);
  return [
    ...(epoch === null && upSeconds > oldEpochSeconds && caughtUp
      ? [`no epoch since the start ${duration(upSeconds)} ago: is a quorum of operators up?`]
      : []),
    ...(epoch !== null && (epochAgeSeconds ?? 0) > oldEpochSeconds
      ? [`the newest epoch is ${duration(epochAgeSeconds ?? 0)} old: is a quorum of operators up?`]
      : []),
    ...chains.filter(({ ok }) => !ok).map((chain) => `${chain.name} ${stateOf(chain)}`),
    ...peers
      .filter(({ problem }) => problem !== null)
      .map(({ address, problem }) => `peer ${address}: ${printable(problem ?? "")}`),
  ];
}

function stateOf({ ok, halted, problem }: NodeStatus["chains"][number]): string {
  if (halted) return `halted: ${printable(problem ?? "it broke its finality")}`;
  return ok ? "ok" : `cannot be followed: ${printable(problem ?? "unknown")}`;
}

/** Nothing where there are none, as nearly always. */
function upcomingFeedsOf(chains: NodeStatus["chains"]): string[] {
  const rows = chains.flatMap(({ name, finalized, upcomingFeeds }) =>
    upcomingFeeds.map(({ feed, readTo, isRead }) => {
      const state = isRead ? "read: may be named" : `${Math.max(0, finalized - readTo)} blocks left`;
      return [feed, name, numberOrNone(readTo), state];
    }),
  );
  return rows.length === 0 ? [] : ["", ...table([["upcoming price feed", "chain", "read to", "state"], ...rows])];
}

const numberOrNone = (block: number): string => (block < 0 ? "-" : `${block}`);

/** Columns as wide as their widest entry. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
