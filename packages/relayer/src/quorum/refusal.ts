import { z } from "zod";
import { epochRefSchema, hash32Schema, signatureSchema } from "./messages.ts";

const epoch = z.number().int().min(0);
const eid = z.number().int().min(0);

/** Why an operator did not sign. */
export const refusalSchema = z.discriminatedUnion("code", [
  /** The proposal's signature is not of a member of the operator set at its cut. */
  z.strictObject({ code: z.literal("unknown-proposer") }),
  z.strictObject({ code: z.literal("wrong-operator-set"), expected: z.number().int().nullable() }),
  /** What the set before this one attested may still be posted without anybody here knowing of it, by the hub's clock. */
  z.strictObject({ code: z.literal("rotation-settling"), untilSeconds: z.number().int() }),
  z.strictObject({ code: z.literal("epoch-not-higher"), highestSigned: epoch }),
  /** So far ahead that signing it would use up epoch numbers. */
  z.strictObject({ code: z.literal("epoch-too-far"), highestKnown: epoch }),
  /** More than a leader has to make: see `Pace`. */
  z.strictObject({ code: z.literal("too-many-proposals") }),
  z.strictObject({ code: z.literal("clock-skew"), nowSeconds: z.number().int() }),
  /** The cut does not name exactly the chains that this operator follows, or does not match the header. */
  z.strictObject({ code: z.literal("malformed-cut") }),
  z.strictObject({ code: z.literal("cut-went-back"), eid, lastSigned: z.number().int() }),
  z.strictObject({ code: z.literal("not-indexed-yet"), eid }),
  z.strictObject({ code: z.literal("block-not-canonical"), eid }),
  /** An epoch that the proposal builds on could neither be found nor be verified. */
  z.strictObject({ code: z.literal("unverifiable-epoch"), ref: epochRefSchema, because: z.string().max(64) }),
  /** The proposal leaves out epochs that may still be posted; this operator can give them. */
  z.strictObject({ code: z.literal("missing-epochs"), missing: z.array(epochRefSchema).min(1).max(4096) }),
  z.strictObject({ code: z.literal("different-result"), root: hash32Schema }),
  /** The transition does not run on this input. */
  z.strictObject({ code: z.literal("not-computable"), because: z.string().max(64) }),
]);
export type Refusal = z.infer<typeof refusalSchema>;
export type RefusalCode = Refusal["code"];

export const proposalAnswerSchema = z.union([
  z.strictObject({ signature: signatureSchema }),
  z.strictObject({ refusal: refusalSchema }),
]);
export type ProposalAnswer = z.infer<typeof proposalAnswerSchema>;

export const refuse = (refusal: Refusal): { refusal: Refusal } => ({ refusal });
