import type { Eid } from "@plimsoll/protocol/ids";
import { startMarket } from "@plimsoll/protocol/simulation/market";
import { makeRandom } from "@plimsoll/protocol/simulation/random";
import pino, { type Logger } from "pino";
import type { Address, Hex } from "viem";
import type { Calls } from "./attestationContract.ts";
import { type Chain, createChain } from "./chain.ts";
import { type Composition, shipping } from "./composition.ts";
import { postTransaction } from "./contracts.ts";
import { Violation } from "./errors.ts";
import { createFaults, type FaultKind } from "./faults.ts";
import { createLiar, type Liar } from "./liar.ts";
import { createMempool } from "./mempool.ts";
import { createMessenger } from "./messages.ts";
import { createNetwork, type OnLeaving } from "./network.ts";
import { createOperator, type Operator } from "./operator.ts";
import { createOracle } from "./oracle.ts";
import { calm, chaos } from "./phases.ts";
import { nothingRemembered, simulatedProtocol } from "./protocol.ts";
import { createScheduler } from "./scheduler.ts";
import { createSignatures } from "./signatures.ts";
import { eids } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";
import { drawWorld } from "./world.ts";

const startMs = 1_760_000_000_000;
/** The last expires when faults have ceased. */
const calendar = { expiresIn: [4, 8, 12, 24], settlesAfterSeconds: 2 };
const salt: Hex = `0x${"5a".repeat(32)}`;

export interface SimulationOptions {
  readonly seed: number;
  readonly composition?: Composition;
  /** Called with every line of what happens. */
  readonly trace?: (line: string) => void;
}

export interface SimulationOutcome {
  readonly seed: number;
  /** The first broken promise, or null. */
  readonly violation: string | null;
  readonly steps: number;
  readonly attested: number;
  readonly posted: number;
  readonly trades: number;
  /** Parts of books bought at auction, taken over by a backstop, and closed against counterparties. */
  readonly liquidations: number;
  readonly takeovers: number;
  readonly deleveragings: number;
  readonly claims: number;
  readonly exits: number;
  /** Intervals of an epoch until all was well again after the last fault. */
  readonly epochsToRecover: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
}

/**
 * Runs one world: faults for a while, then none until the system has recovered. All that happens follows from the seed.
 *
 * @example
 * const { violation } = await simulate({ seed: 42 });
 */
export async function simulate(options: SimulationOptions): Promise<SimulationOutcome> {
  const { seed, composition = shipping } = options;
  const random = makeRandom(Math.imul(seed, 2_654_435_761));
  const scheduler = createScheduler(startMs);
  const trace = (line: string) => options.trace?.(`${((scheduler.nowMs() - startMs) / 1000).toFixed(3)} ${line}`);
  const world = drawWorld(random, seed, composition, startMs);
  const { membership, prices } = world;
  const fixedPrices = prices === "fixed";
  const faults = createFaults(random, world.knows, (kind) => trace(`fault: ${kind}`));

  const liars = new Map<Address, Liar>();
  const operators: Operator[] = [];
  const counts = { posted: 0, trades: 0, liquidations: 0, takeovers: 0, deleveragings: 0, claims: 0, exits: 0 };
  const changed = new Set<Eid>();
  let violation: string | null = null;
  const broken = (error: unknown) => {
    if (!(error instanceof Violation)) throw error;
    violation ??= error.message;
  };

  const chains = new Map<Eid, Chain>();
  const onMessage = createMessenger(scheduler, random, faults, chains);
  const onChange = (eid: Eid, what: string) => {
    changed.add(eid);
    if (what.startsWith("post")) counts.posted++;
    if (what.startsWith("trade")) counts.trades++;
    if (what.startsWith("liquidation")) counts.liquidations++;
    if (what.startsWith("takeover")) counts.takeovers++;
    if (what.startsWith("deleveraging")) counts.deleveragings++;
    if (what.startsWith("claim")) counts.claims++;
    if (what.startsWith("exit")) counts.exits++;
    trace(`chain ${eid}: ${what}`);
  };
  const market = startMarket(startMs / 1000, fixedPrices ? null : calendar);
  const [first, last] = [membership.sets[0]?.set, membership.sets.at(-1)?.set];
  if (first === undefined || last === undefined) throw new RangeError("a world has operators");
  const events = { onMessage, onChange, alter: composition.transaction };
  for (const eid of eids) chains.set(eid, createChain(eid, market, first, scheduler.nowMs, events));

  const signatures = createSignatures();
  const calls: Calls = new Map();
  const remembered = nothingRemembered();
  const { digest } = simulatedProtocol(signatures, remembered, salt);
  const oracle = createOracle({
    chains,
    membership,
    isLiar: (operator) => liars.has(operator),
    journaled: (operator, epoch) =>
      operators
        .find(({ address }) => address === operator)
        ?.disk()
        .journaled(epoch) ?? null,
    nowMs: scheduler.nowMs,
    fixedPrices,
  });
  const onLeaving: OnLeaving = (from, header, given) => {
    for (const signature of given) {
      if (signatures.signerOf(digest(header), signature) !== from) continue;
      // Thrown into the code under test it might be caught there.
      try {
        const before = oracle.attested.length;
        oracle.released(from, digest(header), header, signature);
        if (oracle.attested.length > before) trace(`epoch ${header.epoch} has a quorum`);
      } catch (error) {
        broken(error);
      }
    }
  };
  const network = createNetwork(scheduler, random, faults, world, onLeaving);
  const rules = { digest, signerOf: signatures.signerOf, forgives: composition.chainsForgive };
  const callOf = (eid: Eid, data: Hex) => {
    const attestation = calls.get(data);
    return attestation && postTransaction(rules, eid, attestation);
  };
  const mempools = new Map(
    [...chains].map(([eid, chain]) => [eid, createMempool(chain, scheduler.nowMs, callOf)] as const),
  );
  const around: Surroundings = {
    scheduler,
    random,
    faults,
    chains,
    mempools,
    calls,
    membership,
    network,
    oracle,
    world,
    composition,
    signatures,
    rules,
    salt,
    remembered,
    onLeaving,
    broken,
    log: options.trace === undefined ? pino({ level: "silent" }) : tracedLog(trace),
    trace,
  };

  const onCrash = (operator: Operator) => {
    trace(`${operator.address.slice(0, 6)} crashed`);
    scheduler.after(300 + random.below(3_000), () => {
      if (faults.active) operator.start();
    });
  };
  for (const address of membership.machines) {
    const liar = membership.liars.includes(address) ? createLiar(address, around) : undefined;
    if (liar !== undefined) liars.set(address, liar);
    operators.push(
      liar === undefined
        ? createOperator(address, around, onCrash)
        : createOperator(address, { ...around, composition: shipping }, onCrash, liar.bend),
    );
  }

  const check = () => {
    if (violation === null && changed.size > 0) {
      try {
        oracle.checkChains(changed);
      } catch (error) {
        broken(error);
      }
      changed.clear();
    }
    violation ??= remembered.contradictions[0] ?? null;
    if (violation !== null) throw new Violation(violation);
  };
  trace(`${first.threshold} of ${first.members.length}, ${membership.liars.length} liars, ${prices} prices`);
  let epochsToRecover = 0;
  try {
    await chaos(around, operators, liars, check);
    // More liars than may be down can withhold what nobody else has: then nothing is promised but safety.
    const down = last.members.length - last.threshold;
    if (membership.liars.filter((liar) => last.members.includes(liar)).length <= down) {
      epochsToRecover = await calm(around, operators, liars, { check, down });
    }
  } catch (error) {
    broken(error);
  } finally {
    for (const operator of operators) {
      operator.crash();
      operator.disk().close();
    }
  }
  if (violation !== null) trace(`VIOLATION ${violation}`);
  const attested = oracle.attested.length;
  return { seed, violation, steps: scheduler.steps(), attested, ...counts, epochsToRecover, faults: faults.counts };
}

/** What nodes log, as lines of the trace: who, what, and the fields that fit a line. */
function tracedLog(trace: (line: string) => void): Logger {
  const write = (line: string) => {
    const { level: _, msg, operator = "", ...fields } = JSON.parse(line) as Record<string, unknown>;
    const told = Object.entries(fields).map(([name, value]) => `${name}=${shortened(value)}`);
    trace([operator, msg, ...told].join(" "));
  };
  return pino({ level: "debug", base: null, timestamp: false }, { write });
}

/** Hashes and addresses by their beginnings; of an error its message. */
function shortened(value: unknown): string {
  const plain = typeof value === "object" && value !== null && "message" in value ? value.message : value;
  const text = typeof plain === "string" ? plain : JSON.stringify(plain);
  return text.replaceAll(/0x([0-9a-f]{8})[0-9a-f]{8,}/gi, "0x$1…").slice(0, 160);
}
