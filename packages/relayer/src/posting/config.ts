import { z } from "zod";
import { overridden } from "../override.ts";

const deviationBps = z.number().int().min(0).max(10_000);
const heartbeatSeconds = z.number().int().positive();
const standInMs = z.number().int().min(1);

/** When an attestation is worth its gas, for all chains and for each. */
export const postingSchema = z.strictObject({
  /** Post when a mark moved by more than this share of itself. */
  deviationBps: deviationBps.default(50),
  /** Post when the newest epoch on the chain is older than this. */
  heartbeatSeconds: heartbeatSeconds.default(600),
  /** How long each further operator waits for those before it to post. */
  standInMs: standInMs.default(15_000),
  /** A chain's own, by its name. */
  chains: z
    .record(
      z.string(),
      z.strictObject({
        deviationBps: deviationBps.optional(),
        heartbeatSeconds: heartbeatSeconds.optional(),
        standInMs: standInMs.optional(),
      }),
    )
    .default({}),
});

export type PostingConfig = z.output<typeof postingSchema>;

/** What holds on one chain. */
export function postingOn({ chains, ...all }: PostingConfig, chain: string): Omit<PostingConfig, "chains"> {
  return overridden(all, chains[chain]);
}
