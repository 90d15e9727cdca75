import type { Header } from "@plimsoll/protocol/epoch";
import type { Cut } from "@plimsoll/protocol/state";
import type { Address, Hex } from "viem";
import { z } from "zod";

// What operators say to each other. Parsed here, trusted inside.

const hexOf = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`), `expected ${bytes} bytes of lowercase hex`)
    .transform((value): Hex => value as Hex);

export const hash32Schema = hexOf(32);
export const addressSchema = hexOf(20).transform((value): Address => value);
export const signatureSchema = hexOf(65);
const epochNumber = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const uint32 = z.number().int().min(0).max(0xffff_ffff);
const seconds = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const headerSchema = z.strictObject({
  epoch: epochNumber,
  operatorSetId: uint32,
  root: hash32Schema,
  cutHash: hash32Schema,
  riskVersion: uint32,
  issuedAt: seconds,
  expiresAt: seconds,
}) satisfies z.ZodType<Header>;

export const cutSchema = z
  .array(z.strictObject({ eid: uint32, number: seconds, hash: hash32Schema, timestampSeconds: seconds }))
  .min(1)
  .max(256) satisfies z.ZodType<Cut>;

/**
 * Names one run of the transition: its number and the EIP-712 digest of its header. The root alone would not do: two
 * runs over different cuts can give one root, and expire at different times.
 */
export const epochRefSchema = z.strictObject({ epoch: epochNumber, digest: hash32Schema });
export type EpochRef = z.infer<typeof epochRefSchema>;

/** A header to be signed, with all that is needed to compute it again. `signature` is the proposer's. */
export const proposalSchema = z.strictObject({
  header: headerSchema,
  cut: cutSchema,
  /** Ascending: the earlier epochs handed to the transition. */
  earlier: z.array(epochRefSchema).max(4096),
  signature: signatureSchema,
});
export type Proposal = z.infer<typeof proposalSchema>;

/** A header with a quorum of signatures; whoever lacks the content asks for it. */
export const attestationNoticeSchema = z.strictObject({
  header: headerSchema,
  signatures: z.array(signatureSchema).min(1).max(64),
});
export type AttestationNotice = z.infer<typeof attestationNoticeSchema>;

/** An epoch in full. `content` is the protocol's encoding in base64. */
export const epochRecordSchema = z.strictObject({
  proposal: proposalSchema,
  content: z.base64(),
  signatures: z.array(signatureSchema).max(64),
});
export type EpochRecordMessage = z.infer<typeof epochRecordSchema>;

export const epochRecordsSchema = z.strictObject({ records: z.array(epochRecordSchema).max(64) });

/** How far a peer is. `attested` are those that it keeps in full, ascending. */
export const peerStatusSchema = z.strictObject({
  operator: addressSchema,
  highestEpoch: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  attested: z.array(epochRefSchema).max(4096),
});
export type PeerStatus = z.infer<typeof peerStatusSchema>;
