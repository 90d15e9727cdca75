import { readFileSync } from "node:fs";
import { z } from "zod";
import type { ChainDescription } from "./chainDescription.ts";
import { InitError } from "./errors.ts";

const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** As a deployment's owner publishes it. What else stands in it (tokens, instruments) is no business of a node's. */
const schema = z.object({
  domainSalt: z.string(),
  chains: z
    .array(
      z.object({
        name: z.string().min(1),
        eid: z.number().int().optional(),
        chainId: z.number().int().optional(),
        /** On a devnet. */
        rpcUrl: z.string().optional(),
        hub: z.boolean(),
        startBlock: z.number().int().nonnegative().default(0),
        contracts: z.object({
          endpoint: optionalText,
          attestations: optionalText,
          vault: optionalText,
          consumers: z.array(z.string()).default([]),
          ledger: optionalText,
          riskRegistry: optionalText,
          operatorRegistry: optionalText,
        }),
      }),
    )
    .min(1),
});

/** What a node needs of a deployment's description. */
export interface DeploymentDescription {
  readonly domainSalt: string;
  readonly chains: readonly ChainDescription[];
}

/**
 * Reads a deployment's description: JSON with `domainSalt` and, for each chain, name, hub, startBlock and contracts.
 *
 * @throws InitError
 */
export function readDeployment(path: string): DeploymentDescription {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new InitError(`${path} is no JSON file that can be read`, "Check the path given with --deployment.", cause);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`).join("; ");
    throw new InitError(`${path}: ${problems}`, "Take the file as the deployment's owner publishes it.", parsed.error);
  }
  const { domainSalt, chains } = parsed.data;
  return {
    domainSalt,
    chains: chains.map(({ rpcUrl, ...chain }) => ({ ...chain, rpcUrls: rpcUrl === undefined ? [] : [rpcUrl] })),
  };
}
