import { setTimeout as sleep } from "node:timers/promises";
import type { System } from "@plimsoll/demo/system/system";
import { mineOnInterval } from "@plimsoll/devnet/chains/start";
import type { ConnectedChain } from "@plimsoll/devnet/layerzero/network";
import { misbehaviour } from "../rpc/misbehave.ts";
import type { RpcProxy } from "../rpc/proxy.ts";
import type { Supervisor } from "../supervisor.ts";
import type { Fault } from "./fault.ts";

/** All that faults are done to. */
export interface Victims {
  readonly system: System;
  readonly supervisor: Supervisor;
  readonly proxy: RpcProxy;
  readonly blockSeconds: number;
  /** Of every chain, in blocks. */
  readonly finalityDepth: number;
}

const lookEveryMs = 250;

/**
 * Does one fault, waits for as long as it lasts, and takes it back. Aborted, it takes it back at once.
 *
 * @throws whatever keeps a chain from coming back: the run is of no use then.
 */
export async function inject(victims: Victims, { action, forMs }: Fault, signal: AbortSignal): Promise<void> {
  const { system, supervisor, proxy, finalityDepth } = victims;
  const lasting = () => sleep(forMs, undefined, { signal }).catch(() => {});
  switch (action.kind) {
    case "operator-kill":
      await system.operators[action.operator]?.kill();
      await lasting();
      return supervisor.start(action.operator);
    case "operator-pause":
      return await paused(system.operators[action.operator]?.pid, lasting);
    case "anvil-kill": {
      const chain = chainOf(system, action.chain);
      await chain.restart({ awayMs: forMs, signal, pastStates: false });
      await mineOnInterval(chain, victims.blockSeconds);
      return await untilReorgsWork(chain, finalityDepth);
    }
    case "anvil-pause":
      return await paused(chainOf(system, action.chain).pid(), lasting);
    case "reorg": {
      const { client } = chainOf(system, action.chain);
      return await client.request({ method: "anvil_reorg", params: [action.depth, []] } as never);
    }
    case "executor-off": {
      const { worker } = system.devnet;
      worker.pauseExecutor();
      await lasting();
      return worker.resumeExecutor();
    }
    default: {
      // Only where the chain itself is silent; then there is nothing to lie about.
      const head = await proxy.headOf(action.chain).catch(() => null);
      if (head === null) return;
      proxy.misbehave(action, misbehaviour(action.kind, { head, finalityDepth }));
      await lasting();
      return proxy.misbehave(action, null);
    }
  }
}

/** A chain that came back knows no state from before; a reorg needs the one that it builds on. */
async function untilReorgsWork({ client }: ConnectedChain, finalityDepth: number): Promise<void> {
  const cameBackAt = await client.getBlockNumber();
  while ((await client.getBlockNumber()) <= cameBackAt + BigInt(finalityDepth)) await sleep(lookEveryMs);
}

async function paused(pid: number | undefined, lasting: () => Promise<void>): Promise<void> {
  if (pid === undefined || !signalled(pid, "SIGSTOP")) return;
  await lasting();
  signalled(pid, "SIGCONT");
}

/** False where the process is gone: it may have ended itself, to be started again. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function chainOf({ devnet }: System, name: string): ConnectedChain {
  const chain = devnet.chains.find((each) => each.name === name);
  if (chain === undefined) throw new RangeError(`no chain ${name}`);
  return chain;
}
