import { styleText } from "node:util";
import type { RecordCheck } from "./checker/checkRecords.ts";
import type { Violation } from "./checker/violation.ts";
import type { Exits } from "./exits.ts";
import type { FaultKind } from "./faults/fault.ts";
import type { Recovery } from "./recovery.ts";
import type { TrafficCount } from "./traffic/traffic.ts";

/** What a run came to. */
export interface Report {
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** RPC requests that met a misbehaving endpoint. */
  readonly tampered: number;
  /** Nodes that ended themselves with exit code 75. */
  readonly restartsAsked: number;
  readonly traffic: TrafficCount;
  readonly recovery: Recovery;
  readonly exits: Exits;
  readonly records: RecordCheck;
  /** Of the chains and of the operators' records. */
  readonly violations: readonly Violation[];
}

const mostShown = 20;

/** The report as lines for a terminal. */
export function renderReport(report: Report): string[] {
  const { faults, traffic, recovery, exits, records, violations } = report;
  const row = (name: string, value: number | string) => `  ${name.padEnd(32)} ${value}`;
  const rows = (counts: ReadonlyMap<string, number>) =>
    [...counts].sort(byName).map(([name, count]) => row(name, count));
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const verdict = row("violations", violations.length);
  return [
    `faults`,
    ...rows(faults),
    row("all", total),
    row("RPC requests tampered with", report.tampered),
    row("nodes that asked for a restart", report.restartsAsked),
    "traders, by what went through",
    ...rows(traffic.done),
    "and by what did not",
    ...rows(traffic.failed),
    "operators",
    row("epochs attested", records.attested),
    row("longest outage", `${records.longestGapSeconds} s`),
    row("recovered within", `${recovery.seconds.toFixed(1)} s`),
    row("reports sent again", recovery.reportedAgain),
    row("exits paid without them", exits.paid),
    row("results computed again, equal", records.recomputed),
    row("results nobody can compute again", records.unchecked),
    violations.length === 0 ? styleText("green", verdict) : styleText("red", verdict),
    ...violations.slice(0, mostShown).map(({ invariant, where, detail }) => `  ${invariant}: ${where}: ${detail}`),
  ];
}

const byName = ([a]: [string, number], [b]: [string, number]) => (a < b ? -1 : 1);
