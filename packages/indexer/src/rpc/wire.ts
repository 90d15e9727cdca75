import type { Address, Hex } from "viem";
import { z } from "zod";

// What an RPC endpoint answers, parsed before anything believes it.

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text.toLowerCase() as Hex);
const hash = hex.refine((text) => text.length === 66, { error: "is not 32 bytes" });
const address = hex
  .refine((text) => text.length === 42, { error: "is not 20 bytes" })
  .transform((text) => text as Address);
const quantity = hex.transform((text, context) => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  context.addIssue({ code: "custom", message: "is not a number we can hold" });
  return z.NEVER;
});

export const quantitySchema = quantity;
export const bytesSchema = hex;

export const headerSchema = z.object({
  number: quantity,
  hash,
  parentHash: hash,
  timestamp: quantity,
  logsBloom: hex.refine((text) => text.length === 514, { error: "is not 256 bytes" }),
});

export const logSchema = z.object({
  address,
  topics: z.array(hash),
  data: hex,
  blockNumber: quantity,
  blockHash: hash,
  transactionHash: hash,
  logIndex: quantity,
});

export const logsSchema = z.array(logSchema);
export const receiptsSchema = z.array(z.object({ logs: z.array(logSchema) }));

export type Header = z.output<typeof headerSchema>;
export type Log = z.output<typeof logSchema>;
