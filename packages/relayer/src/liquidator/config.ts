import { readFileSync } from "node:fs";
import { type Hex, parseUnits } from "viem";
import { z } from "zod";
import { ConfigError, type Environment } from "../configFile.ts";
import { readConfigText } from "../configSyntax.ts";
import { parsePrivateKey } from "../keys/parsePrivateKey.ts";
import { nearestName } from "../nearestName.ts";

/** Dollars as a person writes them, as USD with 8 decimals. */
const dollars = z
  .number()
  .nonnegative()
  .max(1e12)
  .transform((amount) => parseUnits(amount.toFixed(8), 8));

const chainSchema = z.strictObject({
  /** PLIMSOLL_RPC_URL_<NAME> overrides it, where the URL holds a secret. */
  rpcUrl: z.url({ protocol: /^https?$/ }),
  /** What one of the coins that gas is paid in is worth, USD. */
  nativeUsd: dollars.default(parseUnits("4000", 8)),
});

const schema = z.strictObject({
  /** URLs of operators' APIs. When one is down the next one is asked. */
  nodes: z.array(z.url({ protocol: /^https?$/ })).min(1),
  /** The key's sub-account that takes positions over. */
  subaccount: z.number().int().nonnegative().default(0),
  pollMs: z.number().int().min(100).default(3_000),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
  bidding: z
    .strictObject({
      /** What closing a position taken over costs, in hundredths of a per cent of its notional. */
      closingBps: z.number().min(0).max(10_000).default(20),
      /** Least profit of one bid once gas and closing are paid, USD. */
      minimumProfit: dollars.default(parseUnits("5", 8)),
    })
    .prefault({}),
  /** Also what pays nothing: takeovers by the backstop, deleveraging, ending the auctions of accounts that recovered. */
  unpaid: z.boolean().default(true),
  /** Prometheus, on a port of its own that strangers must not reach; without it there are no metrics. */
  metrics: z
    .strictObject({ host: z.string().default("127.0.0.1"), port: z.number().int().min(0).max(65_535) })
    .optional(),
  /** By the deployment's name for the chain: all of them. */
  chains: z.record(z.string(), chainSchema),
});

const environmentSchema = z.object({
  PLIMSOLL_LIQUIDATOR_KEY: z
    .string({ error: "is not set" })
    .regex(/^0x[0-9a-fA-F]{64}$/, { error: "is not 0x and 64 hexadecimal digits" })
    .transform((text) => text as Hex),
});

/** What a person writes: defaults may be left out. */
export type LiquidatorConfigInput = z.input<typeof schema>;
export type LiquidatorConfig = z.output<typeof schema> & { readonly privateKey: Hex };

/**
 * Reads a liquidator's TOML or YAML file; the key comes from PLIMSOLL_LIQUIDATOR_KEY and from nowhere else.
 *
 * @throws ConfigError or MalformedKeyError
 * @example
 * const config = loadLiquidatorConfig("liquidator.toml", process.env);
 */
export function loadLiquidatorConfig(path: string, environment: Environment): LiquidatorConfig {
  const read = readConfigText(path, textOf(path));
  if ("problem" in read) throw new ConfigError(path, [read.problem], read.hint, read.cause);
  const parsed = schema.safeParse(withRpcUrls(read.table, environment));
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describe(issue, read.lineOf));
    throw new ConfigError(path, problems, "Correct these keys: see plimsoll liquidator --help.", parsed.error);
  }
  const key = environmentSchema.safeParse(environment);
  if (!key.success) {
    const problems = key.error.issues.map(({ path: at, message }) => `${at.join(".")} ${message}`);
    throw new ConfigError("environment", problems, "Set it to the key that bids and pays gas.");
  }
  const privateKey = parsePrivateKey(key.data.PLIMSOLL_LIQUIDATOR_KEY, "PLIMSOLL_LIQUIDATOR_KEY");
  return { ...parsed.data, privateKey };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError(path, ["cannot be read"], "Check the path given with --config.", cause);
  }
}

function withRpcUrls(table: Record<string, unknown>, environment: Environment): Record<string, unknown> {
  const { chains } = table;
  if (typeof chains !== "object" || chains === null) return table;
  const overridden = Object.entries(chains).map(([name, chain]: [string, unknown]) => {
    const rpcUrl = environment[`PLIMSOLL_RPC_URL_${name.toUpperCase().replaceAll("-", "_")}`];
    const isTable = typeof chain === "object" && chain !== null;
    return [name, rpcUrl === undefined || !isTable ? chain : { ...chain, rpcUrl }];
  });
  return { ...table, chains: Object.fromEntries(overridden) };
}

const keys = [
  ...Object.keys(schema.shape),
  ...Object.keys(chainSchema.shape),
  "closingBps",
  "minimumProfit",
  "host",
  "port",
];

function describe(issue: z.core.$ZodIssue, lineOf: (path: readonly PropertyKey[]) => number | null): string[] {
  const where = (path: readonly PropertyKey[]) => {
    const line = lineOf(path);
    return `${line === null ? "" : `line ${line}: `}${path.map(String).join(".") || "the file"}`;
  };
  if (issue.code !== "unrecognized_keys") return [`${where(issue.path)}: ${issue.message}`];
  return issue.keys.map((key) => {
    const meant = nearestName(key, keys);
    return `${where([...issue.path, key])}: unknown key${meant === null ? "" : `; did you mean "${meant}"?`}`;
  });
}
