import type { ReportUnderWay, UnreportedCollateral } from "@plimsoll/indexer/unreported";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Logger } from "pino";
import type { Address } from "viem";
import { type Clock, nowSeconds } from "../clock.ts";
import type { Purpose } from "../transactions/intent.ts";
import type { Sender } from "../transactions/sender.ts";
import type { MessagesConfig } from "./config.ts";
import { operatorsBefore } from "./turns.ts";
import type { ReportCall } from "./vaultReports.ts";

/** One chain with a vault, as somebody who has it report sees it. */
export interface ReportingChain {
  readonly name: string;
  /** What would report an account, or why that fails today. Rejects where the chain does not answer. */
  prepare(account: AccountId): Promise<ReportCall | { readonly refused: string }>;
  readonly sender: Pick<Sender, "submit" | "outcome" | "abandon" | "shareSpent">;
}

/** What the hub itself says. Rejects where it does not answer. */
export interface ReportsAtHub {
  /** The newest report of an account that has arrived from a vault's chain; 0 before the first. */
  sequence(eid: number, account: AccountId): Promise<number>;
  /** Whether LayerZero can still bring a report. False once it has arrived, too. */
  canArrive(report: ReportUnderWay): Promise<boolean>;
}

export interface ReporterOptions {
  readonly policy: MessagesConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly me: Address;
  /** All operators, this one among them. */
  readonly operators: readonly Address[];
  /** Deposits that were there by then, and that the hub has not heard of. */
  readonly unreported: (beforeSeconds: number) => readonly UnreportedCollateral[];
  /** What the hub has not heard of, in USD with 8 decimals at the last price. Called anew at every look. */
  readonly worth: () => (one: UnreportedCollateral) => bigint;
  /** Its reports that were sent and have not been seen to arrive. */
  readonly underWay: (one: UnreportedCollateral) => readonly ReportUnderWay[];
  /** By eid. */
  readonly chains: ReadonlyMap<number, ReportingChain>;
  readonly hub: ReportsAtHub;
}

/** With what it is worth. */
type Valued = UnreportedCollateral & { readonly worthE8: bigint };

/** Looks after deposits that the hub has not heard of. */
export interface Reporter {
  /** One look at everything. Never rejects: what a chain refuses is logged, and looked at again. */
  turn(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
  /** Accounts that the hub was behind on at the last look with deposits worth a report, by the vault's eid. */
  behind(): ReadonlyMap<number, number>;
}

const longestPollMs = 60_000;
/** Reports of one gap that were mined and brought nothing. */
const mostAttempts = 3;
/** More than so many are sent, and asked the chains about, at the next looks. */
const mostATurn = 20;
const mostAskedATurn = 100;
/** The worth that it takes doubles with each tenth of the day's budget that is gone. */
const doublings = 10;

/**
 * A vault tells the hub of a deposit when somebody pays LayerZero for it. Where nobody did, or the message was given up on,
 * operators pay for another one, within a day's budget: totals are cumulative, so one that comes twice does no harm. While
 * a report can still arrive none is sent: a path carries its messages in order, and another one would wait behind it.
 *
 * Whoever makes many small deposits must not use up what large ones need. So those worth less than the policy says are
 * their owners' to report, the least worth it takes doubles with each tenth of the budget that is gone, and what is worth
 * most, times how long it has waited, comes first.
 *
 * @example
 * const reporter = createReporter({ policy, clock, log, me, operators, unreported, worth, underWay, chains, hub });
 * await reporter.run(signal);
 */
export function createReporter(options: ReporterOptions): Reporter {
  const { policy, clock, log, me, operators, chains, hub } = options;
  const leastE8 = BigInt(policy.reportLeastUsd * 1e8);
  let behind: ReadonlyMap<number, number> = new Map();
  /** By gap: why it could not be reported when that was told last. */
  let told = new Map<string, string>();
  /** By gap: how often the chains were asked about it in vain. */
  let vain = new Map<string, number>();

  const turn = async () => {
    const now = nowSeconds(clock);
    const all = options.unreported(now - policy.reportAfterSeconds);
    const worth = options.worth();
    const late = all.map((one) => ({ ...one, worthE8: worth(one) })).filter(({ worthE8 }) => worthE8 >= leastE8);
    behind = new Map([...chains.keys()].map((eid) => [eid, late.filter((one) => one.eid === eid).length]));
    const gaps = new Set(all.map(gapOf));
    told = new Map([...told].filter(([gap]) => gaps.has(gap)));
    vain = new Map([...vain].filter(([gap]) => gaps.has(gap)));
    for (const { sender } of chains.values()) sender.abandon(isFilled(gaps));
    const room = new Map([...chains.keys()].map((eid) => [eid, { sent: mostATurn, asked: mostAskedATurn }]));
    for (const one of inOrder(late, now)) {
      const left = room.get(one.eid);
      if (left === undefined || left.sent === 0 || left.asked === 0 || !isMyTurn(one, now)) continue;
      const did = await report(one);
      if (did === "refused") left.sent = 0;
      if (did === "sent") left.sent -= 1;
      if (did !== "nothing") left.asked -= 1;
      if (did === "in-vain") vain.set(gapOf(one), (vain.get(gapOf(one)) ?? 0) + 1);
    }
  };

  /** What was asked about in vain counts half as much each time, so that it keeps nobody else waiting for long. */
  function inOrder(late: readonly Valued[], now: number): readonly Valued[] {
    const weightOf = (one: Valued) =>
      (one.worthE8 * BigInt(Math.max(1, now - one.sinceSeconds))) >> BigInt(vain.get(gapOf(one)) ?? 0);
    const weighed = late.map((one) => ({ one, weight: weightOf(one) }));
    return weighed.sort((a, b) => (a.weight > b.weight ? -1 : a.weight < b.weight ? 1 : 0)).map(({ one }) => one);
  }

  function isMyTurn({ account, sinceSeconds }: UnreportedCollateral, now: number): boolean {
    const wait = operatorsBefore(me, operators, account) * policy.standInSeconds;
    return now >= sinceSeconds + policy.reportAfterSeconds + wait;
  }

  /** With half of the budget gone, 32 times as much as at first; with all of it, 1,024 times. */
  function isWorthIt({ worthE8 }: Valued, { sender }: ReportingChain): boolean {
    return Number(worthE8) >= Number(leastE8) * 2 ** (doublings * sender.shareSpent("report"));
  }

  async function report(one: Valued): Promise<"sent" | "nothing" | "in-vain" | "refused"> {
    const { eid, account, sinceSeconds } = one;
    const chain = chains.get(eid);
    if (chain === undefined) return "nothing";
    const fields = { account, chain: chain.name, sinceSeconds, worthUsd: Number(one.worthE8 / 10n ** 6n) / 100 };
    try {
      const key = nextKey(one, chain);
      if (key === null || !isWorthIt(one, chain)) return "nothing";
      if (await isAboutToBeHeard(one)) return "in-vain";
      const call = await chain.prepare(account);
      if ("refused" in call) {
        if (told.get(gapOf(one)) !== call.refused)
          log.warn({ ...fields, because: call.refused }, "deposit cannot be reported");
        told.set(gapOf(one), call.refused);
        return "in-vain";
      }
      const { outcome } = await chain.sender.submit({
        ...{ key, purpose: "report", supersedes: false, expiresAtMs: null },
        ...call,
      });
      if (outcome === "refused") return "refused";
      log.info({ ...fields, outcome }, "deposit reported in its owner's place");
      return "sent";
    } catch (error) {
      log.warn({ ...fields, err: error }, "deposit could not be looked at");
      return "in-vain";
    }
  }

  async function isAboutToBeHeard(one: UnreportedCollateral): Promise<boolean> {
    const { eid, account, knownSequence } = one;
    for (const report of options.underWay(one)) if (await hub.canArrive(report)) return true;
    // After the messages were looked at: one that has just arrived is not under way any more.
    return (await hub.sequence(eid, account)) > knownSequence;
  }

  return {
    turn,
    behind: () => behind,
    async run(signal) {
      if (policy.reportAfterSeconds === 0) return;
      const pollMs = Math.min(longestPollMs, Math.max(1_000, policy.reportAfterSeconds * 250));
      while (!signal.aborted) {
        await turn();
        await clock.sleep(pollMs, signal);
      }
    },
  };
}

/** Names what the hub does not know: until it hears of the account, that stays the same. */
const gapOf = ({ account, knownSequence }: UnreportedCollateral): string => `report:${account}:${knownSequence}`;

const isFilled =
  (gaps: ReadonlySet<string>) =>
  (purpose: Purpose, key: string): boolean =>
    purpose === "report" && !gaps.has(key.slice(0, key.lastIndexOf(":")));

/** Names the next attempt at a gap; null while one is under way, or none is left. */
function nextKey(one: UnreportedCollateral, { sender }: ReportingChain): string | null {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const key = `${gapOf(one)}:${attempt}`;
    const outcome = sender.outcome(key);
    if (outcome.outcome === "pending") return null;
    if (outcome.outcome !== "mined") return key;
    // Its message is not in the index yet.
    if (outcome.blockNumber > one.indexedNumber) return null;
  }
  return null;
}
