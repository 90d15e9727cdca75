import { setTimeout as sleep } from "node:timers/promises";
import { checkChains } from "@plimsoll/chaos/checker/checkChains";
import type { Violation } from "@plimsoll/chaos/checker/violation";
import { startLiquidator } from "@plimsoll/demo/system/liquidator";
import { type System, startSystem } from "@plimsoll/demo/system/system";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { instruments, marginParameters } from "@plimsoll/devnet/plimsoll/market-data";
import { nameToId } from "@plimsoll/protocol/account";
import type { AccountId } from "@plimsoll/protocol/ids";
import { getAccount } from "@plimsoll/sdk/actions/getAccount";
import { type AccountRecord, noRecord, readRecords } from "./chainRecord.ts";
import { type IsolatedOutcome, type Opening, walkIsolated } from "./isolated/walk.ts";
import { marketAt } from "./marketAt.ts";
import { drawPopulation, type Member } from "./population/population.ts";
import { type Population, settlePopulation } from "./population/settle.ts";
import { replayCrash, type Step } from "./replay.ts";
import { untilAnswered } from "./untilAnswered.ts";

export interface RunParameters {
  readonly seed: number;
  readonly accounts: number;
  /** Falls are so many times as deep as recorded. */
  readonly severity: number;
  /** How long a price may hold at most while there is something to be sold. */
  readonly holdMs: number;
  /** Collateral of the account that takes over insolvent ones, USDC. */
  readonly backstopDollars: number;
  /** Where the processes' configurations, databases and logs go, and stay. */
  readonly directory?: string | undefined;
  readonly say: (line: string) => void;
}

/** One member of the population at the end. */
export interface MemberOutcome {
  readonly member: Member;
  readonly collateral: bigint;
  /** The lowest status that the nodes ever listed it with. */
  readonly listedAs: "none" | "liquidatable" | "insolvent";
  readonly closed: boolean;
  readonly record: AccountRecord;
  /** Over all chains at the end: below 0 it owes what nobody has paid. */
  readonly base: bigint;
  readonly isolated: IsolatedOutcome;
}

/** What a run came to. */
export interface CrashReport {
  readonly outcomes: readonly MemberOutcome[];
  readonly steps: readonly Step[];
  /** What sales cost on chain, of the notional sold: the model's isolated positions are sold at the same. */
  readonly discountBps: number;
  /** Of the chains, after the run: none of them may be. */
  readonly violations: readonly Violation[];
}

/** As `protocol`'s target of a sale has it: maintenance margin, and a fifth of it. */
const bufferBps = 2_000;
/** The last transactions get their blocks, and those their finality. */
const settleMs = 4_000;

/**
 * Starts everything, opens the population's positions, replays the crash with the liquidator at work, and reads from the
 * chains what became of it. However it ends, no process is left. Null when interrupted.
 */
export async function runCrash(parameters: RunParameters, interrupt: AbortSignal): Promise<CrashReport | null> {
  const { directory, say } = parameters;
  const [alder = 0, birch = 0, cedar = 0, first = 0, second = 0, third = 0] = await freePorts(6);
  const system = await startSystem({
    ports: { chains: [alder, birch, cedar], operators: [first, second, third] },
    directory,
    onPart: (part) => say(`  ✓ ${part}`),
  });
  const over = new AbortController();
  const signal = AbortSignal.any([interrupt, over.signal]);
  const work = runOn(system, parameters, signal);
  try {
    const failure = system.failed.then((error) => (interrupt.aborted ? null : Promise.reject(error)));
    return await Promise.race([work, failure, aborted(interrupt)]);
  } finally {
    over.abort();
    await Promise.race([work.catch(() => {}), sleep(10_000)]);
    await system.stop();
  }
}

async function runOn(system: System, parameters: RunParameters, signal: AbortSignal): Promise<CrashReport | null> {
  const { seed, accounts, severity, holdMs, backstopDollars, say } = parameters;
  const members = drawPopulation(accounts, seed);
  const population = await settlePopulation(system, members, say);
  const liquidator = await startLiquidator(system, { backstopDollars });
  say("  ✓ the liquidator watches, and a backstop stands behind it");
  try {
    const opened = await openingsOf(population, members);
    const start = await untilAnswered(() => marketAt(population.plimsoll, population.maker.account));
    const steps = await replayCrash(
      { system, population, severity, holdMs, onStep: (step) => say(progressOf(step)) },
      signal,
    );
    await sleep(settleMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return null;
    await liquidator.stop();
    const records = await readRecords(system.devnet.deployment);
    const discountBps = discountRate(steps, records);
    const terms = { maintenanceBps: marginParameters.maintenanceBps, bufferBps, discountBps };
    const markets = [start.priced, ...steps.map(({ market }) => market.priced)];
    const isolated = walkIsolated([...opened.values()], markets, terms);
    const outcomes = await Promise.all(
      members.map(async (member, index): Promise<MemberOutcome> => {
        const account = accountOf(population, member);
        const { base, portfolios } = await untilAnswered(() => getAccount(population.plimsoll, { account }));
        const outcome = isolated[index];
        if (outcome === undefined) throw new RangeError("an outcome for every account");
        return {
          member,
          collateral: opened.get(member.number)?.collateral ?? 0n,
          listedAs: worstListing(steps, account),
          closed: portfolios.every(({ positions }) => positions.length === 0),
          record: records.get(account) ?? noRecord,
          base,
          isolated: outcome,
        };
      }),
    );
    return { outcomes, steps, discountBps, violations: await checkChains(system.devnet.deployment) };
  } finally {
    await liquidator.stop();
  }
}

/** What everybody has before the first price. */
async function openingsOf(population: Population, members: readonly Member[]): Promise<Map<number, Opening>> {
  const names = new Map<string, string>(instruments.map(({ name }) => [nameToId(name), name]));
  const entries = await Promise.all(
    members.map(async (member) => {
      const account = accountOf(population, member);
      const opened = await untilAnswered(() => getAccount(population.plimsoll, { account }));
      const collateral = opened.collateral.reduce((sum, { value }) => sum + value, 0n);
      const sizes = opened.portfolios.flatMap(({ positions }) =>
        positions.map(({ instrument, size }) => ({ instrument: names.get(instrument) ?? instrument, size })),
      );
      return [member.number, { account: member.number, collateral, sizes }] as const;
    }),
  );
  return new Map(entries);
}

function accountOf({ accounts, owner }: Population, { number }: Member): AccountId {
  return accounts.get(number) ?? owner.account;
}

function worstListing(steps: readonly Step[], account: AccountId): MemberOutcome["listedAs"] {
  const statuses = new Set(
    steps.flatMap(({ listed }) => listed.filter((book) => book.account === account).map(({ status }) => status)),
  );
  if (statuses.has("insolvent")) return "insolvent";
  return statuses.has("liquidatable") ? "liquidatable" : "none";
}

/** All discounts over all notional that was sold, in basis points. What was sold is what the lists say became less. */
function discountRate(steps: readonly Step[], records: ReadonlyMap<string, AccountRecord>): number {
  const discounts = [...records.values()].reduce((sum, { discount }) => sum + discount, 0n);
  const target = new Map<string, bigint>();
  for (const { eid, account, gross, grossLimit } of steps.flatMap(({ listed }) => listed)) {
    const key = `${eid}:${account}`;
    const sold = gross > grossLimit ? gross - grossLimit : 0n;
    if (sold > (target.get(key) ?? 0n)) target.set(key, sold);
  }
  const notional = [...target.values()].reduce((sum, sold) => sum + sold, 0n);
  return notional === 0n ? 0 : Number((discounts * 1_000_000n) / notional) / 100;
}

function progressOf({ hour, minute, btc, eth, market, listed, left }: Step): string {
  const dollars = (price: bigint) => (Number(price) / 1e8).toLocaleString("en", { maximumFractionDigits: 0 });
  const accounts = new Set(listed.map(({ account }) => account)).size;
  const time = `${hour.slice(5, 10)} ${hour.slice(11, 13)}:${String(minute).padStart(2, "0")}`;
  const what =
    accounts === 0 ? "" : `${accounts} accounts to be liquidated${left === 0 ? ", done" : `, ${left} books left`}`;
  return `  ${time}  BTC ${dollars(btc).padStart(8)}  ETH ${dollars(eth).padStart(6)}  epoch ${String(market.epoch).padStart(4)}  ${what}`;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
