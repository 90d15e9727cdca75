import type { Address, Hex } from "viem";
import { z } from "zod";

/** A decimal integer as a string, into a bigint. */
export const amount = z
  .string()
  .regex(/^-?\d{1,78}$/, "not a decimal integer")
  .transform((text) => BigInt(text));

export const hex = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/, "not hexadecimal bytes")
  .transform((text) => text.toLowerCase() as Hex);

export const bytes32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "not 32 bytes")
  .transform((text) => text.toLowerCase() as Hex);

export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "not an address")
  .transform((text) => text.toLowerCase() as Address);

export const count = z.int().nonnegative();

/** An eid, a chain id: never 0. */
export const id = z.int().positive();
