import { z } from "zod";
import { bytes32, count, hex } from "./primitives.ts";

/** What operators signed, as a contract takes it. */
export const headerSchema = z
  .object({
    epoch: count,
    operatorSetId: count,
    root: bytes32,
    cutHash: bytes32,
    riskVersion: count,
    issuedAt: count,
    expiresAt: count,
  })
  .transform((header) => ({
    ...header,
    epoch: BigInt(header.epoch),
    issuedAt: BigInt(header.issuedAt),
    expiresAt: BigInt(header.expiresAt),
  }));

/** An attestation, as `SolvencyAttestations.post` takes it. */
export const attestationSchema = z.object({
  header: headerSchema,
  chainRoot: bytes32,
  chainPath: z.array(bytes32),
  signatures: hex,
});

export type Attestation = z.output<typeof attestationSchema>;
