import { setTimeout as sleep } from "node:timers/promises";
import { type Arguments, readArguments, usage } from "./arguments.ts";
import { createNarrator } from "./story/narrator.ts";
import { tellStory } from "./story/story.ts";
import { type Liquidator, startLiquidator } from "./system/liquidator.ts";
import { type System, startSystem } from "./system/system.ts";

/** Ctrl-C reaches the children too, and their end may be noticed before our own signal. */
const signalGraceMs = 200;
/** A chain or an operator that died takes the liquidator's start with it, and is the reason to be told. */
const startGraceMs = 2_000;

async function main(options: Arguments, interrupt: AbortSignal): Promise<void> {
  console.log("Plimsoll: three chains, three operators, one margin account\n");
  const startedMs = performance.now();
  const system = await startSystem({
    ports: options.ports,
    directory: options.logs,
    consumers: options.consumers,
    onPart: (part) => console.log(`  ✓ ${part}`),
  });
  let liquidator: Liquidator | undefined;
  try {
    const over = Promise.race([aborted(interrupt), failure(system, interrupt)]);
    if (options.story) {
      await Promise.race([tellStory(system, createNarrator(process.stdout), interrupt), over]);
      if (interrupt.aborted) return;
      console.log(`\nTold in ${((performance.now() - startedMs) / 1000).toFixed(0)} s; every step was checked.`);
    }
    if (options.exit) return;
    printAddresses(system);
    const bot = startLiquidator(system);
    bot.then(
      (started) => {
        liquidator = started;
        console.log("  ✓ a liquidator, which buys whatever has to be sold from now on, and a backstop behind it");
      },
      () => {},
    );
    await Promise.race([over, botFailure(bot, interrupt)]);
    console.log("\nStopping.");
  } finally {
    await liquidator?.stop();
    await system.stop();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Rejects when a child has failed, and not merely followed the signal that we got as well. */
async function failure(system: System, interrupt: AbortSignal): Promise<void> {
  await failed(await system.failed, interrupt);
}

/** Rejects when the liquidator has failed, or could not be started: not before whatever kept it from that has been told. */
async function botFailure(bot: Promise<Liquidator>, interrupt: AbortSignal): Promise<void> {
  const error = await bot.then(
    (started) => started.failed,
    async (cause: Error) => {
      await sleep(startGraceMs);
      return cause;
    },
  );
  await failed(error, interrupt);
}

async function failed(error: Error, interrupt: AbortSignal): Promise<void> {
  await sleep(signalGraceMs);
  if (!interrupt.aborted) throw error;
}

function printAddresses({ operators, devnet }: System): void {
  console.log("\nEverything keeps running until Ctrl-C:");
  for (const { name, url } of operators) console.log(`  ${name}  ${url}/v1/health  ${url}/openapi.json`);
  for (const { name, eid, rpcUrl, contracts } of devnet.deployment.chains) {
    console.log(`  ${name.padEnd(10)}  ${rpcUrl}  eid ${eid}${contracts.consumers.map((one) => `  ${one}`).join("")}`);
  }
}

const interrupt = new AbortController();
// Terminals and npm may each send one: the second means the same.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupt.abort());
try {
  const options = readArguments(process.argv.slice(2));
  if (options === null) console.log(usage);
  else await main(options, interrupt.signal);
} catch (error) {
  if (!interrupt.signal.aborted) {
    const hint = error instanceof Error && "hint" in error ? ` ${error.hint}` : "";
    console.error(`\n${error instanceof Error ? error.message : String(error)}${hint}`);
    process.exitCode = 1;
  }
}
// An interrupted story may still be waiting for something that is gone.
process.exit();
