import { z } from "zod";
import { attestationSchema } from "./headerSchema.ts";
import { instrumentSchema } from "./instrumentSchema.ts";
import { address, amount, bytes32, hex } from "./primitives.ts";

const proof = z.array(bytes32);

const instrumentLeaf = instrumentSchema.extend({ prices: hex });

const marginProofs = {
  accounts: z.array(
    z.object({
      account: bytes32,
      consumer: address,
      status: z.int().min(0).max(3),
      grossLimit: amount,
      allotment: hex,
    }),
  ),
  instruments: z.array(instrumentLeaf),
  siblings: proof,
  steps: hex,
};

/** `GET /v1/proofs/trade`: ready to be passed to a market. */
export const tradeProofsSchema = z.object({ attestation: attestationSchema, ...marginProofs });

export type TradeProofs = z.output<typeof tradeProofsSchema>;

/** `GET /v1/proofs/deleverage`: ready to be passed to a market's liquidation contract. */
export const deleverageProofsSchema = z.object({
  attestation: attestationSchema,
  leaf: z.object({ account: bytes32, consumer: address, queue: proof }),
  proof,
  ...marginProofs,
});

export type DeleverageProofs = z.output<typeof deleverageProofsSchema>;

/** `GET /v1/proofs/instrument`: ready to be passed to a market that settles. */
export const instrumentProofSchema = z.object({ attestation: attestationSchema, leaf: instrumentLeaf, proof });

export type InstrumentProof = z.output<typeof instrumentProofSchema>;

/** `GET /v1/proofs/withdrawal`: ready to be passed to a vault. */
export const withdrawalProofSchema = z.object({
  attestation: attestationSchema,
  leaf: z.object({ account: bytes32, vault: address, asset: address, approvedTotal: amount, exitTotal: amount }),
  proof,
});

export type WithdrawalProof = z.output<typeof withdrawalProofSchema>;
