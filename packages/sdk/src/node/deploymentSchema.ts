import { z } from "zod";
import { address, count, id } from "./primitives.ts";

const deployedChain = z.object({
  eid: id,
  chainId: id,
  name: z.string().min(1),
  hub: z.boolean(),
  contracts: z.object({
    endpoint: address,
    attestations: address,
    vault: address.nullable(),
    consumers: z.array(address),
    ledger: address.nullable(),
    riskRegistry: address.nullable(),
    operatorRegistry: address.nullable(),
  }),
});

/** What is deployed where, as it is published: other keys are left out. */
export const deploymentSchema = z.object({ chains: z.array(deployedChain).min(1) });

const chain = deployedChain.extend({
  /** Block numbers; -1 while the node has not seen the chain yet. */
  head: z.int().min(-1),
  finalized: z.int().min(-1),
  indexed: z.int().min(-1),
  postedEpoch: count.nullable(),
});

/** `GET /v1/chains` */
export const chainsSchema = z.array(chain).min(1);

/** One chain of a deployment, with how far the node that was asked had read it. */
export type ChainStatus = z.output<typeof chain>;
