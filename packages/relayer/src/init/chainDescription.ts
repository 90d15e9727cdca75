import { z } from "zod";
import type { ConfigInput } from "../config.ts";
import { nearestName } from "../nearestName.ts";
import { InitError } from "./errors.ts";
import { networks } from "./networks.ts";

export type ChainInput = ConfigInput["chains"][number];

const contractNames = ["endpoint", "attestations", "vault", "ledger", "riskRegistry", "operatorRegistry"] as const;

/** What is known of a chain before the well-known networks are looked at. */
export interface ChainDescription {
  readonly name: string;
  readonly eid?: number | undefined;
  readonly chainId?: number | undefined;
  readonly rpcUrls: readonly string[];
  readonly hub: boolean;
  readonly startBlock: number;
  readonly contracts: {
    readonly [name in (typeof contractNames)[number]]?: string | undefined;
  } & { readonly consumers?: readonly string[] | undefined };
}

/**
 * A chain's table in the configuration: eid, chain id and LayerZero's endpoint come from the description, or else from
 * the well-known network of that name, eid or chain id.
 *
 * @throws InitError
 * @example
 * completeChain(parseChainOption("base rpc=https://rpc.example attestations=0x… startBlock=1"));
 */
export function completeChain(description: ChainDescription): ChainInput {
  const { name, rpcUrls, hub, startBlock, contracts } = description;
  const known = networks.find((network) =>
    description.eid === undefined && description.chainId === undefined
      ? network.name === name
      : network.eid === description.eid || network.chainId === description.chainId,
  );
  const eid = description.eid ?? known?.eid;
  const chainId = description.chainId ?? known?.chainId;
  const endpoint = contracts.endpoint ?? known?.endpoint;
  const { attestations } = contracts;
  if (eid === undefined || chainId === undefined || endpoint === undefined) throw unknownNetwork(name);
  if (attestations === undefined) {
    throw new InitError(`${name}: no attestations contract`, "Every chain has one: give attestations=0x…");
  }
  if (rpcUrls.length === 0) throw new InitError(`${name}: no RPC endpoint`, `Give --rpc ${name}=https://…`);
  const { consumers = [], ...single } = contracts;
  const table = { name, eid, chainId, rpcUrls: [...rpcUrls], startBlock, hub };
  return { ...table, contracts: { ...single, endpoint, attestations, consumers: [...consumers] } };
}

function unknownNetwork(name: string): InitError {
  const names = networks.map((network) => network.name);
  const meant = nearestName(name, names);
  return new InitError(
    `${name} is no well-known network${meant === null ? "" : `; did you mean ${meant}?`}`,
    `Give its eid=, chainId= and endpoint= yourself, or take one of ${names.join(", ")}.`,
  );
}

const number = z.coerce.number().int().nonnegative();
const optionSchema = z.strictObject({
  rpc: z.string().optional(),
  eid: number.optional(),
  chainId: number.optional(),
  startBlock: number.default(0),
  hub: z.literal("").optional(),
  endpoint: z.string().optional(),
  attestations: z.string().optional(),
  vault: z.string().optional(),
  consumers: z.string().optional(),
  ledger: z.string().optional(),
  riskRegistry: z.string().optional(),
  operatorRegistry: z.string().optional(),
});

/**
 * Reads `--chain "NAME key=value …"`; `hub` stands without a value, lists are separated by commas.
 *
 * @throws InitError
 */
export function parseChainOption(text: string): ChainDescription {
  const [name = "", ...parts] = text.trim().split(/\s+/);
  const pairs = parts.map((part): [string, string] => {
    const at = part.indexOf("=");
    return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
  });
  const parsed = optionSchema.safeParse(Object.fromEntries(pairs));
  if (name === "" || name.includes("=") || !parsed.success) {
    const what = parsed.success ? "the name comes first" : describeIssues(parsed.error);
    const keys = Object.keys(optionSchema.shape).join(", ");
    throw new InitError(`--chain "${text}": ${what}`, `NAME key=value …, with any of ${keys}.`);
  }
  const { rpc, eid, chainId, startBlock, hub, consumers, ...contracts } = parsed.data;
  return {
    ...{ name, eid, chainId, startBlock, hub: hub !== undefined },
    rpcUrls: list(rpc),
    contracts: { ...contracts, consumers: list(consumers) },
  };
}

const list = (text: string | undefined): string[] => (text ?? "").split(",").filter((part) => part !== "");

const describeIssues = (error: z.ZodError): string =>
  error.issues
    .map((issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown ${issue.keys.join(", ")}`
        : `${issue.path.join(".")} ${issue.message}`,
    )
    .join("; ");
