import { z } from "zod";
import { bytes32, count, hex, id } from "./primitives.ts";

const step = z.object({ blockNumber: count, transactionHash: bytes32, timestampSeconds: count }).nullable();

/** `GET /v1/messages/:guid` */
export const messageSchema = z.object({
  guid: bytes32,
  payloadHash: bytes32,
  nonce: z.string().regex(/^\d+$/),
  srcEid: id,
  dstEid: id,
  sender: hex,
  receiver: hex,
  status: z.enum(["sent", "verified", "delivered", "failed"]),
  account: bytes32.nullable(),
  sent: step,
  verified: step,
  delivered: step,
});

/** A LayerZero message and the blocks in which it was sent, verified and delivered. */
export type Message = z.output<typeof messageSchema>;
