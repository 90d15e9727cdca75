import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { MalformedKeyError } from "./errors.ts";

/**
 * A private key as people paste it: with or without 0x, white space around it.
 *
 * @param source where it came from, for the error; the text itself is in no message.
 * @throws MalformedKeyError also for zero and for numbers beyond the curve's order.
 */
export function parsePrivateKey(text: string, source: string): Hex {
  const digits = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text.trim())?.[1];
  if (digits === undefined) throw new MalformedKeyError(source);
  const key: Hex = `0x${digits.toLowerCase()}`;
  try {
    privateKeyToAccount(key);
  } catch {
    throw new MalformedKeyError(source);
  }
  return key;
}
