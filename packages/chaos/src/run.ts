import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type System, startSystem } from "@plimsoll/demo/system/system";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { devnetChains } from "@plimsoll/devnet/chains/topology";
import { checkChains } from "./checker/checkChains.ts";
import { checkRecords } from "./checker/checkRecords.ts";
import { leaveWithoutOperators } from "./exits.ts";
import { type Fault, type FaultKind, targetOf } from "./faults/fault.ts";
import { inject } from "./faults/inject.ts";
import { drawSchedule } from "./faults/schedule.ts";
import { seededRandom } from "./random.ts";
import { awaitRecovery, untilDeadline } from "./recovery.ts";
import type { Report } from "./report.ts";
import { type RpcProxy, startRpcProxy } from "./rpc/proxy.ts";
import { type Supervisor, superviseSystem } from "./supervisor.ts";
import { gatherTraders, type Traders } from "./traffic/traders.ts";
import { startTraffic, type TrafficCount } from "./traffic/traffic.ts";

export interface RunParameters {
  readonly seed: number;
  /** How long faults go on. */
  readonly faultsMs: number;
  /** Where the operators' configurations, databases and logs go, and stay. */
  readonly directory?: string | undefined;
  /** Told what happens, a line at a time. */
  readonly say: (line: string) => void;
}

const blockSeconds = 1;
/** Anvil's finalized block is so far behind its head. */
const finalityDepth = 2;
const endpoints = 2;
const operatorCount = 3;
const progressEveryMs = 15_000;

/**
 * Starts everything, lets faults and traders loose on it, waits for it to recover, and checks what must never be broken.
 * However it ends, no process is left. Null when interrupted.
 *
 * @throws {NotRecovered}
 * @throws what a process failed by that no restart cures.
 */
export async function runChaos(parameters: RunParameters, interrupt: AbortSignal): Promise<Report | null> {
  const { seed, directory, say } = parameters;
  const ports = await freePorts(devnetChains.length + operatorCount);
  const [alder = 0, birch = 0, cedar = 0, first = 0, second = 0, third = 0] = ports;
  const upstreams = new Map(devnetChains.map(({ name }, index) => [name, `http://127.0.0.1:${ports[index]}`]));
  const proxy = await startRpcProxy(upstreams, seededRandom(seed).share);
  try {
    const system = await startSystem({
      ports: { chains: [alder, birch, cedar], operators: [first, second, third] },
      directory,
      rpcUrlsOf: (operator, { name }) =>
        Array.from({ length: endpoints }, (_, endpoint) => proxy.urlOf({ operator, chain: name, endpoint })),
      onPart: (part) => say(`  ✓ ${part}`),
    });
    const supervisor = superviseSystem(system);
    const over = new AbortController();
    const signal = AbortSignal.any([interrupt, over.signal]);
    const work = unleash({ ...parameters, system, supervisor, proxy }, signal);
    try {
      const failure = supervisor.failed.then((error) => Promise.reject(error));
      return await Promise.race([work, failure, aborted(interrupt).then(() => null)]);
    } finally {
      over.abort();
      await work.catch(() => {});
      supervisor.dismiss();
      await system.stop();
    }
  } finally {
    await proxy.stop();
  }
}

interface Running extends RunParameters {
  readonly system: System;
  readonly supervisor: Supervisor;
  readonly proxy: RpcProxy;
}

async function unleash(running: Running, signal: AbortSignal): Promise<Report | null> {
  const { system, supervisor, proxy, seed, faultsMs, say } = running;
  const traders = await gatherTraders(system);
  say(`  ✓ traders have deposited and may trade; faults for ${Math.round(faultsMs / 1000)} s`);
  const traffic = startTraffic(traders, seed);
  try {
    const faults = await injectAll(running, signal, () => progress(traffic.count()));
    if (signal.aborted) return null;
    say("  faults are over");
    const recovery = await awaitRecovery({ system, supervisor, traders, say }, signal);
    await traffic.stop();
    await settle(traders, signal);
    if (signal.aborted) return null;
    say("  everything works again");
    supervisor.dismiss();
    const exits = await leaveWithoutOperators({ system, traders, say, until: untilDeadline(say, signal) });
    await settle(traders, signal);
    if (signal.aborted) return null;
    say("  checking");
    await Promise.all(system.operators.map((operator) => operator.stop()));
    const { deployment } = system.devnet;
    const databases = system.operators.map(({ name }) => join(system.directory, `${name}.sqlite`));
    const [onChain, records] = [await checkChains(deployment), await checkRecords(deployment, databases)];
    return {
      faults,
      tampered: proxy.tampered(),
      restartsAsked: supervisor.restartsAsked(),
      traffic: traffic.count(),
      recovery,
      exits,
      records,
      violations: [...onChain, ...records.violations],
    };
  } finally {
    await traffic.stop();
  }
}

/** Every fault at its time; resolves once all of them are taken back. */
async function injectAll(
  { system, supervisor, proxy, seed, faultsMs, say }: Running,
  interrupt: AbortSignal,
  describe: () => string,
): Promise<Map<FaultKind, number>> {
  // A fault that cannot be taken back ends the others.
  const over = new AbortController();
  const signal = AbortSignal.any([interrupt, over.signal]);
  const [first = "", ...others] = devnetChains.map(({ name }) => name);
  const schedule = drawSchedule({
    ...{ seed, durationMs: faultsMs, operators: operatorCount, chains: [first, ...others], endpoints, finalityDepth },
  });
  const counts = new Map<FaultKind, number>();
  const victims = { system, supervisor, proxy, blockSeconds, finalityDepth };
  const startedMs = performance.now();
  const elapsed = () => `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(7)} s`;
  const ticking = setInterval(() => say(`${elapsed()}  … ${describe()}`), progressEveryMs);
  const one = async (fault: Fault, before: Promise<void>) => {
    await sleep(fault.atMs, undefined, { signal }).catch(() => {});
    await before;
    if (signal.aborted) return;
    const { kind } = fault.action;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const lasting = fault.forMs > 0 ? ` for ${(fault.forMs / 1000).toFixed(1)} s` : "";
    say(`${elapsed()}  ${kind.padEnd(15)} ${targetOf(fault.action)}${lasting}`);
    await inject(victims, fault, signal);
  };
  // On a busy machine a fault may take longer to take back than planned: the next one on its target waits for it.
  const last = new Map<string, Promise<void>>();
  const injections = schedule.map((fault) => {
    const target = targetOf(fault.action);
    const injected = one(fault, last.get(target) ?? Promise.resolve());
    last.set(target, injected);
    return injected;
  });
  try {
    await Promise.all(injections);
    await sleep(Math.max(0, faultsMs - (performance.now() - startedMs)), undefined, { signal }).catch(() => {});
  } finally {
    over.abort();
    await Promise.allSettled(injections);
    clearInterval(ticking);
  }
  return counts;
}

/** Gives the last transactions their blocks, and those blocks their finality. */
async function settle({ plimsoll }: Traders, signal: AbortSignal): Promise<void> {
  const blocks = finalityDepth + 2;
  await sleep(blocks * blockSeconds * 1000 + plimsoll.pollIntervalMilliseconds, undefined, { signal }).catch(() => {});
}

function progress({ done, failed }: TrafficCount): string {
  const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, one) => total + one, 0);
  const trades = (done.get("trade") ?? 0) + (done.get("trade-both") ?? 0);
  return `${trades} trades, ${sum(done)} transactions went through, ${sum(failed)} actions did not`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
