import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { PUBLIC_DEVELOPMENT_MNEMONIC_NEVER_FUND_ON_REAL_CHAINS } from "./accounts.ts";
import { type Devnet, type DevnetEvent, type DevnetOptions, startDevnet } from "./devnet.ts";
import { ArgumentInvalid, DevnetError } from "./errors.ts";

const usage = `Starts three local chains with LayerZero and Plimsoll and runs until Ctrl-C.

  node packages/devnet/src/main.ts [--ports 8545,8546,8547] [--operators 3] [--out deployment.json] [--quiet]

  --ports      of alder, birch (the hub) and cedar
  --operators  how many the first operator set has, 1 to 8
  --out        also write the deployment description to this file
  --quiet      do not print what the LayerZero worker does`;

interface Arguments extends DevnetOptions {
  readonly out: string | undefined;
}

function readArguments(): Arguments | null {
  const { values } = parsed();
  if (values.help) return null;
  return {
    operators: naturalOf("--operators", values.operators, 8),
    out: values.out,
    log: values.quiet ? () => {} : printEvent,
    ...(values.ports === undefined ? {} : { ports: portsOf(values.ports) }),
  };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        ports: { type: "string" },
        operators: { type: "string", default: "3" },
        out: { type: "string" },
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw new ArgumentInvalid(cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause), { cause });
  }
}

function portsOf(text: string): [number, number, number] {
  const [alder, birch, cedar, ...more] = text.split(",").map((port) => naturalOf("--ports", port, 65_535));
  if (alder === undefined || birch === undefined || cedar === undefined || more.length > 0) {
    throw new ArgumentInvalid(`--ports takes three ports, not "${text}"`);
  }
  return [alder, birch, cedar];
}

function naturalOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new ArgumentInvalid(`${option} takes whole numbers from 1 to ${most}, not "${text}"`);
  }
  return value;
}

function printEvent(event: DevnetEvent): void {
  const { msg, ...fields } = event;
  const text = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  console.log([msg.padEnd(18), ...text].join(" "));
}

function printDevnet({ deployment, accounts, startedInMs }: Devnet): void {
  for (const chain of deployment.chains) {
    console.log(
      `\n${chain.name}${chain.hub ? " (hub)" : ""}: eid ${chain.eid}, chain id ${chain.chainId}, ${chain.rpcUrl}`,
    );
    for (const [name, value] of Object.entries(chain.contracts)) {
      if (value !== null && value.length > 0) console.log(`  ${name.padEnd(18)} ${value}`);
    }
    for (const token of deployment.tokens.filter(({ eid }) => eid === chain.eid)) {
      console.log(`  ${token.symbol.padEnd(18)} ${token.address}`);
    }
  }
  console.log(
    `\nKeys: "${PUBLIC_DEVELOPMENT_MNEMONIC_NEVER_FUND_ON_REAL_CHAINS}" (public; never fund these elsewhere)`,
  );
  for (const account of [accounts.alice, accounts.bob, accounts.maker, ...accounts.operators]) {
    console.log(`  ${account.name.padEnd(18)} ${account.address}`);
  }
  console.log(`\nStarted in ${(startedInMs / 1000).toFixed(1)} s. Ctrl-C ends it.\n`);
}

async function main(): Promise<void> {
  const options = readArguments();
  if (!options) {
    console.log(usage);
    return;
  }
  const interrupted = new Promise<null>((resolve) => {
    // Not `once`: what ends the anvils with us raises the signal again if it finds no other listener.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(null));
  });
  const devnet = await startDevnet(options);
  printDevnet(devnet);
  if (options.out) await writeFile(options.out, `${JSON.stringify(devnet.deployment, null, 2)}\n`);
  // Ctrl-C reaches the anvils as well: their end is no failure then.
  const failed = devnet.failed.then((error) => new Promise<DevnetError>((resolve) => setTimeout(resolve, 100, error)));
  const failure = await Promise.race([interrupted, failed]);
  await devnet.stop();
  if (failure) throw failure;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof DevnetError)) throw error;
  console.error(`${error.message} ${error.hint}`);
  process.exitCode = 1;
}
