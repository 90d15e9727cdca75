import { InvalidArgumentError } from "commander";
import type { ConfigInput } from "../config.ts";
import { type Asker, askChains, askSalt, terminalAsker } from "../init/ask.ts";
import { type ChainDescription, completeChain, parseChainOption } from "../init/chainDescription.ts";
import { readDeployment } from "../init/deploymentFile.ts";
import { InitError } from "../init/errors.ts";
import { writeConfig } from "../init/writeConfig.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";

interface Options {
  readonly config: string;
  readonly deployment?: string;
  readonly domainSalt?: string;
  readonly chain: readonly string[];
  readonly rpc: readonly string[];
  readonly peer: readonly string[];
  readonly keystore?: string;
  readonly port: number;
  readonly database: string;
  readonly metricsPort?: number;
}

const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("It is a whole number from 1 to 65535.");
}

/** `plimsoll init`: writes a configuration, from flags or by asking. */
export const addInit: AddCommand = (program) => {
  program
    .command("init")
    .description(
      "Write a configuration. What the flags leave out is asked for on a terminal. LayerZero's endpoints and ids of well-known networks are filled in.",
    )
    .option("--config <file>", "the file to write; never one that is there", "operator.toml")
    .option("--deployment <file>", "the deployment's description: JSON with its salt, chains and contracts")
    .option("--domain-salt <hex>", "the deployment's, where there is no description")
    .option("--chain <description>", "a chain: NAME key=value …; may be repeated", repeated, [])
    .option("--rpc <name=urls>", "RPC URLs of a chain, separated by commas; may be repeated", repeated, [])
    .option("--peer <address=url>", "another operator; may be repeated", repeated, [])
    .option("--keystore <file>", "where the key is; without it, PLIMSOLL_OPERATOR_KEY")
    .option("--port <number>", "of the API", parsePort, 8800)
    .option("--database <file>", "the node's SQLite file, relative to the configuration", "operator.sqlite")
    .option("--metrics-port <number>", "of Prometheus metrics, on 127.0.0.1; without it there are none", parsePort)
    .addHelpText("after", exitCodesHelp)
    .addHelpText(
      "after",
      examples(
        "plimsoll init --deployment deployment.json --rpc base=https://… --rpc arbitrum=https://…,https://… --keystore operator.json",
        'plimsoll init --domain-salt 0x… --chain "base hub rpc=https://… attestations=0x… vault=0x… ledger=0x… riskRegistry=0x… operatorRegistry=0x… startBlock=123" --peer 0x…=https://operator-2.example',
      ),
    )
    .action(async (options: Options) => {
      const asker = process.stdin.isTTY === true ? terminalAsker : null;
      writeConfig(options.config, await planConfig(options, asker));
      const key = options.keystore === undefined ? "PLIMSOLL_OPERATOR_KEY=0x… " : "";
      console.log(`${options.config} is written. Next: ${key}plimsoll check --config ${options.config}`);
    });
};

/**
 * The configuration that flags and answers make.
 *
 * @param asker null where nobody can be asked.
 * @throws InitError
 */
export async function planConfig(options: Options, asker: Asker | null): Promise<ConfigInput> {
  const described = options.deployment === undefined ? null : readDeployment(options.deployment);
  const domainSalt = described?.domainSalt ?? options.domainSalt ?? (await asked(asker, "--domain-salt", askSalt));
  const given = [...(described?.chains ?? []), ...options.chain.map(parseChainOption)];
  const chains = given.length > 0 ? given : await asked(asker, "--deployment or --chain", askChains);
  return {
    domainSalt,
    node: { port: options.port, database: options.database },
    ...(options.keystore === undefined ? {} : { signer: { keystore: options.keystore } }),
    ...(options.metricsPort === undefined ? {} : { metrics: { port: options.metricsPort } }),
    peers: options.peer.map((text) => {
      const [address, url] = pair("--peer", text);
      return { address, url };
    }),
    chains: withRpc(chains, options.rpc).map(completeChain),
  };
}

async function asked<T>(asker: Asker | null, flag: string, ask: (asker: Asker) => Promise<T>): Promise<T> {
  if (asker !== null) return await ask(asker);
  throw new InitError(`${flag} is missing`, "Give it, or run it on a terminal to be asked. See plimsoll init --help.");
}

function withRpc(chains: readonly ChainDescription[], options: readonly string[]): ChainDescription[] {
  const urls = new Map(options.map((text) => pair("--rpc", text)));
  const names = chains.map(({ name }) => name);
  for (const name of urls.keys()) {
    if (!names.includes(name))
      throw new InitError(`--rpc ${name}: there is no such chain`, `Chains: ${names.join(", ")}.`);
  }
  return chains.map((chain) => ({ ...chain, rpcUrls: urls.get(chain.name)?.split(",") ?? chain.rpcUrls }));
}

function pair(flag: string, text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new InitError(`${flag} ${text}: there is no "=" in it`, `Write ${flag} NAME=VALUE.`);
}
