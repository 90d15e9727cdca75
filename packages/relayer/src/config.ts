import { chainsConfigSchema } from "@plimsoll/indexer/config";
import { stringify } from "smol-toml";
import type { Address, Hex } from "viem";
import { z } from "zod";
import { messagesSchema } from "./messages/config.ts";
import { postingSchema } from "./posting/config.ts";
import { gasSchema } from "./transactions/config.ts";

const hex32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, { error: "is not 0x and 64 hexadecimal digits" })
  .transform((text) => text.toLowerCase() as Hex);
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, { error: "is not 0x and 40 hexadecimal digits" })
  .transform((text) => text.toLowerCase() as Address);
const milliseconds = (least: number) => z.number().int().min(least);

const nodeSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 takes any free port. */
  port: z.number().int().min(0).max(65_535),
  /** The node's one SQLite file, relative to the configuration. It holds the signing journal: never delete it. */
  database: z.string().min(1),
  epochIntervalMs: milliseconds(100).default(60_000),
  /** How long a leader may take before the next one steps in. */
  leaderTimeoutMs: milliseconds(100).default(10_000),
  /** The process ends with 75 when the epoch loop, or a chain that goes on, has not moved for so long. 0: never. */
  stallSeconds: z.number().int().min(0).default(600),
  /** From SIGTERM on: how long /ready says 503 before anything is ended, so that load balancers turn away. */
  drainMs: milliseconds(0).default(0),
  /** From SIGTERM on: what has not ended by then is cut off, and the process ends with 75. */
  stopDeadlineMs: milliseconds(1_000).default(20_000),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
});

const apiSchema = z.strictObject({
  /** Requests of one address: on average, and at once. */
  requestsPerSecond: z.number().positive().default(100),
  burst: z.number().int().positive().default(400),
  /** Trusted proxies in front: each adds to X-Forwarded-For the address that it was asked from. */
  proxies: z.number().int().min(0).max(8).default(0),
  /** Streams of live updates, of all addresses together; one address has a tenth of them at most. */
  streams: z.number().int().positive().default(200),
});

/** Prometheus metrics, on a port of their own. Without this table there are none. */
const metricsSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: z.number().int().min(0).max(65_535),
});

/** Where the key that signs epochs and pays gas is. Without this table it comes from PLIMSOLL_OPERATOR_KEY. */
const signerSchema = z
  .strictObject({
    /** A keystore file (web3 secret storage), relative to the configuration. */
    keystore: z.string().min(1).optional(),
    /** A signer that speaks web3signer's eth1 API. PLIMSOLL_SIGNER_URL overrides it, where the URL holds a secret. */
    remoteUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** Of the remote signer's key. */
    address: address.optional(),
  })
  .superRefine(({ keystore, remoteUrl, address: remoteAddress }, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (keystore !== undefined && remoteUrl !== undefined)
      issue("remoteUrl", "a keystore is named, too: take one away");
    if (keystore === undefined && remoteUrl === undefined) issue("keystore", "name a keystore or a remoteUrl");
    if (remoteUrl !== undefined && remoteAddress === undefined)
      issue("address", "a remote signer needs the key's address");
  });

/** Operators know each other by signatures. What is wrong with a peer is told with its URL, to anybody. */
const peerUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || `${new URL(url).username}${new URL(url).password}` === "", {
    error: "holds a user or password: peers know each other by signatures, and no secret belongs here",
  });
const peerSchema = z.strictObject({ address, url: peerUrl });

/** The configuration file. Secrets are not in it: see `environmentSchema`. */
export const fileSchema = z
  .strictObject({
    /** Of the EIP-712 domain: tells deployments apart. */
    domainSalt: hex32,
    node: nodeSchema,
    signer: signerSchema.optional(),
    api: apiSchema.default(apiSchema.parse({})),
    metrics: metricsSchema.optional(),
    posting: postingSchema.default(postingSchema.parse({})),
    gas: gasSchema.default(gasSchema.parse({})),
    messages: messagesSchema.default(messagesSchema.parse({})),
    /** The other operators. */
    peers: z.array(peerSchema).default([]),
    chains: chainsConfigSchema.min(1),
  })
  .superRefine(({ posting, gas, chains }, context) => {
    const names = new Set(chains.map(({ name }) => name));
    for (const [table, { chains: overrides }] of Object.entries({ posting, gas })) {
      for (const name of Object.keys(overrides)) {
        if (names.has(name)) continue;
        context.addIssue({ code: "custom", path: [table, "chains", name], message: "is no chain of this file" });
      }
    }
  });

/** What a person writes: defaults may be left out. */
export type ConfigInput = z.input<typeof fileSchema>;
/** The file, with defaults filled in and overrides from the environment applied. */
export type FileConfig = z.output<typeof fileSchema>;

/** Environment variables. A secret comes from here and from nowhere else. */
export const environmentSchema = z.object({
  /** The key that signs epochs and pays gas; unset where [signer] says where it is. */
  PLIMSOLL_OPERATOR_KEY: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, { error: "is not 0x and 64 hexadecimal digits" })
    .transform((text) => text as Hex)
    .optional(),
  PLIMSOLL_SIGNER_URL: z.url({ protocol: /^https?$/ }).optional(),
  PLIMSOLL_HOST: z.string().min(1).optional(),
  PLIMSOLL_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  PLIMSOLL_DATABASE: z.string().min(1).optional(),
  PLIMSOLL_LOG_LEVEL: nodeSchema.shape.logLevel.unwrap().optional(),
});

/** Where the operator's key is. */
export type SignerConfig =
  | { readonly kind: "key"; readonly privateKey: Hex }
  | { readonly kind: "keystore"; readonly path: string }
  | { readonly kind: "remote"; readonly url: string; readonly address: Address };

/** Everything a node needs to know. */
export interface Config extends Omit<FileConfig, "signer"> {
  readonly signer: SignerConfig;
}

/**
 * Writes a configuration file.
 *
 * @example
 * writeFileSync("operator.toml", renderConfig({ domainSalt, node: { port: 7001, database: "operator.sqlite" }, peers, chains }));
 */
export function renderConfig(input: object): string {
  // TOML has no null: what is absent is left out.
  const plain = JSON.parse(JSON.stringify(input, (_key, value: unknown) => (value === null ? undefined : value)));
  return `${stringify(plain)}\n`;
}
