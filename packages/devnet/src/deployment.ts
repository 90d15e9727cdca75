import { type Address, getAddress, type Hex, isAddress, isHex, size } from "viem";
import { z } from "zod";
import { DeploymentInvalid } from "./errors.ts";

const address = z
  .string()
  .refine((text) => isAddress(text, { strict: false }), "not an address")
  .transform((text): Address => getAddress(text));
const bytes32 = z
  .string()
  .refine((text) => isHex(text) && size(text) === 32, "not 32 bytes of hex")
  .transform((text) => text as Hex);
const natural = z.int().nonnegative();

/** Named as in the nodes' API. */
const contracts = z.strictObject({
  endpoint: address,
  attestations: address,
  vault: address.nullable(),
  consumers: z.array(address),
  ledger: address.nullable(),
  riskRegistry: address.nullable(),
  operatorRegistry: address.nullable(),
});

const layerZero = z.strictObject({
  sendLibrary: address,
  receiveLibrary: address,
  executor: address,
  dvn: address,
});

const chain = z.strictObject({
  name: z.string().min(1),
  eid: natural,
  chainId: natural,
  rpcUrl: z.url(),
  hub: z.boolean(),
  /** Nothing of this deployment is in an earlier block. */
  startBlock: natural,
  contracts,
  layerZero,
});

/** Shape of a deployment description. Names of underlyings and instruments are text; their ids are `nameToId` of it. */
export const deploymentSchema = z.strictObject({
  domainSalt: bytes32,
  chains: z.array(chain).min(1),
  tokens: z.array(
    z.strictObject({ eid: natural, symbol: z.string(), address, decimals: natural, underlying: z.string() }),
  ),
  /** All on the hub. */
  feeds: z.array(z.strictObject({ underlying: z.string(), address, decimals: natural })),
  instruments: z.array(z.strictObject({ name: z.string(), id: bytes32, underlying: z.string() })),
  /** Ascending, with how many of them have to sign. */
  operators: z.array(address),
  threshold: natural,
});

/** What is deployed where: plain JSON. */
export type Deployment = z.infer<typeof deploymentSchema>;
export type DeploymentChain = Deployment["chains"][number];

/**
 * Parses a deployment description from JSON text.
 *
 * @throws {DeploymentInvalid}
 * @example
 * const deployment = parseDeployment(await readFile("deployment.json", "utf8"));
 */
export function parseDeployment(text: string): Deployment {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DeploymentInvalid("it is not JSON", { cause });
  }
  const result = deploymentSchema.safeParse(json);
  if (result.success) return result.data;
  throw new DeploymentInvalid(z.prettifyError(result.error).replaceAll("\n", " "), { cause: result.error });
}
