import { z } from "zod";
import { headerSchema } from "./headerSchema.ts";
import { address, bytes32, count, id } from "./primitives.ts";

/** `GET /v1/epochs/:epoch` */
export const epochSchema = z.object({
  header: headerSchema,
  cut: z.array(z.object({ eid: id, number: count, hash: bytes32, timestampSeconds: count })),
  chainRoots: z.array(z.object({ eid: id, root: bytes32 })),
  signers: z.array(address),
  attested: z.boolean(),
  posted: z.array(z.object({ eid: id, blockNumber: count, transactionHash: bytes32 })),
});

/** `GET /v1/epochs`, newest first. */
export const epochsSchema = z.array(epochSchema);

/** One run of the transition, who signed it and where it was posted. */
export type EpochStatus = z.output<typeof epochSchema>;
