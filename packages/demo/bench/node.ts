// From kill -9 of one of three operators' nodes to the first epoch that carries its signature again. It is started at
// once; what passes is the start of a process, catching up, and its peers' next epoch. One JSON line a figure.
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "@plimsoll/devnet/chains/port";
import type { EpochJson } from "@plimsoll/protocol/wire";
import { epochIntervalMs, startSystem } from "../src/system/system.ts";

const kills = 3;
const [alder = 0, birch = 0, cedar = 0, first = 0, second = 0, third = 0] = await freePorts(6);
const system = await startSystem({ ports: { chains: [alder, birch, cedar], operators: [first, second, third] } });
try {
  const seconds: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const index = kill % 3;
    const address = system.devnet.accounts.operators[index]?.address.toLowerCase() ?? "";
    const other = system.operators[(index + 1) % 3]?.url ?? "";
    const before = (await epochsOf(other))[0]?.header.epoch ?? 0;
    await system.operators[index]?.kill();
    const startedMs = performance.now();
    void system.restart(index);
    while (!(await epochsOf(other)).some((one) => one.header.epoch > before + 1 && isSignedBy(one, address))) {
      await sleep(50);
    }
    seconds.push((performance.now() - startedMs) / 1000);
    await sleep(2 * epochIntervalMs);
  }
  const value = Number((seconds.reduce((sum, one) => sum + one, 0) / kills).toFixed(1));
  const longest = Number(Math.max(...seconds).toFixed(1));
  const fields = { longest, kills, epochIntervalSeconds: epochIntervalMs / 1000 };
  console.log(JSON.stringify({ bench: "kill -9 to signing again", value, unit: "s", ...fields }));
} finally {
  await system.stop();
}
process.exit();

async function epochsOf(url: string): Promise<EpochJson[]> {
  const response = await fetch(`${url}/v1/epochs?limit=10`);
  return (await response.json()) as EpochJson[];
}

function isSignedBy({ signers }: EpochJson, address: string): boolean {
  return signers.some((signer) => signer.toLowerCase() === address);
}
