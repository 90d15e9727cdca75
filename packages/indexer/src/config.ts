import { type Address, isAddress } from "viem";
import { z } from "zod";

/** Takes checksummed or lowercase, gives lowercase. A wrong checksum is refused: it is a typing mistake. */
const addressSchema = z
  .string()
  .refine((text) => isAddress(text), { error: "is not an address, or its checksum is wrong" })
  .transform((text) => text.toLowerCase() as Address);

const optionalAddressSchema = addressSchema.nullable().default(null);

const contractsSchema = z.strictObject({
  endpoint: addressSchema,
  attestations: addressSchema,
  vault: optionalAddressSchema,
  consumers: z
    .array(addressSchema)
    .default([])
    .refine((list) => new Set(list).size === list.length, { error: "names a consumer twice" }),
  ledger: optionalAddressSchema,
  riskRegistry: optionalAddressSchema,
  operatorRegistry: optionalAddressSchema,
});

/**
 * One chain to follow.
 *
 * - `startBlock`: at or before the block that deployed the first of the contracts. Every operator needs the same
 *   history, so a start that is too late is a wrong state, not a shorter one.
 * - `finality`: the chain's own `finalized` tag, or a depth in blocks below the head.
 * - `maxLogRange`: most blocks of one range; halved by itself when a provider refuses.
 * - `upcomingFeeds`: price feeds that the hub's risk registry is going to name. Their history is read beforehand, beside the
 *   index, so that nothing has to wait for it then.
 * - `rangesAtOnce`: most ranges that are read at once while the chain is far behind; fewer by itself where a provider takes
 *   less. 1 reads one after the other.
 */
export const chainConfigSchema = z
  .strictObject({
    name: z.string().min(1),
    eid: z.number().int().positive(),
    chainId: z.number().int().positive(),
    rpcUrls: z.array(z.url({ protocol: /^https?$/ })).min(1),
    startBlock: z.number().int().nonnegative().default(0),
    hub: z.boolean(),
    contracts: contractsSchema,
    pollMs: z.number().int().positive().default(1000),
    maxLogRange: z.number().int().positive().default(2000),
    upcomingFeeds: z
      .array(addressSchema)
      .default([])
      .refine((list) => new Set(list).size === list.length, { error: "names a feed twice" }),
    rangesAtOnce: z.number().int().positive().max(256).default(32),
    finality: z
      .union([z.literal("finalized"), z.strictObject({ depth: z.number().int().nonnegative() })])
      .default("finalized"),
  })
  .superRefine((chain, context) => {
    for (const name of ["ledger", "riskRegistry", "operatorRegistry"] as const) {
      const present = chain.contracts[name] !== null;
      if (present !== chain.hub) {
        const message = chain.hub ? "the hub needs one" : "only the hub has one";
        context.addIssue({ code: "custom", path: ["contracts", name], message });
      }
    }
    if (!chain.hub && chain.upcomingFeeds.length > 0) {
      context.addIssue({ code: "custom", path: ["upcomingFeeds"], message: "only the hub has price feeds" });
    }
  });

/**
 * Every chain of a deployment: exactly one hub, no eid, chain id or name twice.
 *
 * @example
 * const chains = chainsConfigSchema.parse(file.chains);
 */
export const chainsConfigSchema = z.array(chainConfigSchema).superRefine((chains, context) => {
  const hubs = chains.filter((chain) => chain.hub).length;
  if (hubs !== 1) context.addIssue({ code: "custom", message: `exactly one chain must be the hub, not ${hubs}` });
  for (const key of ["eid", "chainId", "name"] as const) {
    const values = chains.map((chain) => chain[key]);
    if (new Set<unknown>(values).size !== values.length) {
      context.addIssue({ code: "custom", message: `two chains have the same ${key}` });
    }
  }
});

/** What a person writes: defaults may be left out. */
export type ChainConfigInput = z.input<typeof chainConfigSchema>;
/** What the program reads. */
export type ChainConfig = z.output<typeof chainConfigSchema>;
