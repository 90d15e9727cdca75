import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Hex } from "viem";
import { z } from "zod";
import { type Config, environmentSchema, type FileConfig, fileSchema, type SignerConfig } from "./config.ts";
import { type ConfigText, readConfigText } from "./configSyntax.ts";
import { exitCodes, RelayerError } from "./errors.ts";
import { nearestName } from "./nearestName.ts";

/** The configuration cannot be used. `problems` names every key, with its line where it has one. */
export class ConfigError extends RelayerError {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[], hint: string, cause?: unknown) {
    super(`${source}: ${problems.join("; ")}`, { code: "config", hint, cause, exitCode: exitCodes.fixSomething });
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the file, applies the environment and checks it all.
 *
 * Overrides: PLIMSOLL_HOST, PLIMSOLL_PORT, PLIMSOLL_DATABASE, PLIMSOLL_LOG_LEVEL, and PLIMSOLL_RPC_URLS_<EID> (separated
 * by commas) and PLIMSOLL_SIGNER_URL for URLs that hold a secret. PLIMSOLL_OPERATOR_KEY has no place in the file.
 *
 * @throws ConfigError
 */
export function loadConfig(path: string, environment: Environment): Config {
  const file = loadConfigFile(path, environment);
  return { ...file, signer: signerOf(path, file, environmentSchema.parse(environment).PLIMSOLL_OPERATOR_KEY) };
}

function signerOf(path: string, { signer }: FileConfig, privateKey: Hex | undefined): SignerConfig {
  if (privateKey !== undefined) {
    if (signer === undefined) return { kind: "key", privateKey };
    const hint = "Take one away: unset the variable, or remove [signer].";
    throw new ConfigError(path, ["[signer] and PLIMSOLL_OPERATOR_KEY both name a key"], hint);
  }
  if (signer?.keystore !== undefined) return { kind: "keystore", path: resolve(dirname(path), signer.keystore) };
  if (signer?.remoteUrl !== undefined && signer.address !== undefined) {
    return { kind: "remote", url: signer.remoteUrl, address: signer.address };
  }
  const hint = "Set it, or name a keystore or a remote signer under [signer]: see plimsoll keys --help.";
  throw new ConfigError("environment", ["PLIMSOLL_OPERATOR_KEY is not set"], hint);
}

/** As `loadConfig`, for a command that signs nothing. */
export function loadConfigFile(path: string, environment: Environment): FileConfig {
  const text = readConfigText(path, readText(path));
  if ("problem" in text) throw new ConfigError(path, [text.problem], text.hint, text.cause);
  const overridden = override(text.table, environment);
  const parsed = fileSchema.safeParse(overridden);
  const strays = strayRpcVariables(text.table, environment);
  if (!parsed.success || strays.length > 0) {
    const sources = { ...text, variableOf: (at: readonly PropertyKey[]) => variableOf(at, text.table, environment) };
    const issues = parsed.error?.issues.flatMap((issue) => describe(issue, sources)) ?? [];
    const problems = [...issues, ...strays];
    throw new ConfigError(
      path,
      problems,
      "Correct these keys and start again; `plimsoll check` tells more.",
      parsed.error,
    );
  }
  const { node } = parsed.data;
  return { ...parsed.data, node: { ...node, database: resolve(dirname(path), node.database) } };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError(path, ["cannot be read"], "Check the path given with --config.", cause);
  }
}

function override(table: Record<string, unknown>, environment: Environment): Record<string, unknown> {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) throw environmentError(parsed.error);
  const { PLIMSOLL_HOST, PLIMSOLL_PORT, PLIMSOLL_DATABASE, PLIMSOLL_LOG_LEVEL, PLIMSOLL_SIGNER_URL } = parsed.data;
  const node = {
    ...(isTable(table["node"]) ? table["node"] : {}),
    ...(PLIMSOLL_HOST === undefined ? {} : { host: PLIMSOLL_HOST }),
    ...(PLIMSOLL_PORT === undefined ? {} : { port: PLIMSOLL_PORT }),
    ...(PLIMSOLL_DATABASE === undefined ? {} : { database: PLIMSOLL_DATABASE }),
    ...(PLIMSOLL_LOG_LEVEL === undefined ? {} : { logLevel: PLIMSOLL_LOG_LEVEL }),
  };
  const overridden = PLIMSOLL_SIGNER_URL === undefined ? { ...table, node } : { ...table, node, signer: remote() };
  const chains = table["chains"];
  if (!Array.isArray(chains)) return overridden;
  return { ...overridden, chains: chains.map((chain: unknown) => overrideRpc(chain, environment)) };

  function remote(): Record<string, unknown> {
    return { ...(isTable(table["signer"]) ? table["signer"] : {}), remoteUrl: PLIMSOLL_SIGNER_URL };
  }
}

function overrideRpc(chain: unknown, environment: Environment): unknown {
  if (!isTable(chain)) return chain;
  const urls = environment[rpcVariable(chain["eid"])];
  return urls === undefined ? chain : { ...chain, rpcUrls: urls.split(",").map((url) => url.trim()) };
}

const rpcVariable = (eid: unknown): string => `PLIMSOLL_RPC_URLS_${String(eid)}`;

const chainsOf = ({ chains }: Record<string, unknown>): readonly unknown[] => (Array.isArray(chains) ? chains : []);

/** The environment variable that a value came from, rather than from the file; null where it is the file's. */
function variableOf(
  [table, index, key]: readonly PropertyKey[],
  file: Record<string, unknown>,
  environment: Environment,
): string | null {
  if (table === "signer" && index === "remoteUrl" && environment["PLIMSOLL_SIGNER_URL"] !== undefined) {
    return "PLIMSOLL_SIGNER_URL";
  }
  if (table !== "chains" || typeof index !== "number" || key !== "rpcUrls") return null;
  const chain = chainsOf(file)[index];
  const variable = rpcVariable(isTable(chain) ? chain["eid"] : undefined);
  return environment[variable] === undefined ? null : variable;
}

/** RPC URLs of a chain that is not there would be used by nothing, and whoever set them would not know. */
function strayRpcVariables(file: Record<string, unknown>, environment: Environment): string[] {
  const known = new Set(chainsOf(file).map((chain) => rpcVariable(isTable(chain) ? chain["eid"] : undefined)));
  const set = Object.keys(environment).filter((name) => name.startsWith("PLIMSOLL_RPC_URLS_"));
  return set.filter((name) => !known.has(name)).map((name) => `${name}: no chain of this file has that eid`);
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function environmentError(error: z.ZodError): ConfigError {
  const problems = error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
  const hint = "Correct these environment variables; what they may hold: plimsoll check --help.";
  return new ConfigError("environment", problems, hint);
}

/** One line a problem: where, what, and what was probably meant. */
function describe(
  issue: z.core.$ZodIssue,
  { lineOf, variableOf }: Pick<ConfigText, "lineOf"> & { variableOf(path: readonly PropertyKey[]): string | null },
): string[] {
  const where = (path: readonly PropertyKey[]) => {
    const variable = variableOf(path);
    if (variable !== null) return variable;
    const line = lineOf(path);
    return `${line === null ? "" : `line ${line}: `}${path.map(String).join(".") || "the file"}`;
  };
  if (issue.code !== "unrecognized_keys") return [`${where(issue.path)}: ${issue.message}`];
  return issue.keys.map((key) => {
    const meant = nearestName(key, knownKeys());
    return `${where([...issue.path, key])}: unknown key${meant === null ? "" : `; did you mean "${meant}"?`}`;
  });
}

let names: readonly string[] | undefined;

/** Every key that the file may hold, at any depth. */
function knownKeys(): readonly string[] {
  if (names !== undefined) return names;
  const found = new Set<string>();
  const walk = (schema: unknown) => {
    if (Array.isArray(schema)) return schema.forEach(walk);
    if (!isTable(schema)) return;
    if (isTable(schema["properties"])) for (const key of Object.keys(schema["properties"])) found.add(key);
    Object.values(schema).forEach(walk);
  };
  walk(z.toJSONSchema(fileSchema, { io: "input", unrepresentable: "any" }));
  names = [...found];
  return names;
}
