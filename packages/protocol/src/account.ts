import type { Address, Hex } from "viem";
import { MalformedAccountId, MalformedAddress, MalformedName, SubAccountOutOfRange } from "./errors.ts";
import type { AccountId } from "./ids.ts";

const addressPattern = /^0x[0-9a-fA-F]{40}$/;
const bytes32Pattern = /^0x[0-9a-fA-F]{64}$/;

/**
 * An address in lowercase, as maps are keyed by it. The checksum is not looked at.
 * @throws {MalformedAddress}
 */
export function parseAddress(text: string): Address {
  if (!addressPattern.test(text)) throw new MalformedAddress(text);
  return text.toLowerCase() as Address;
}

/**
 * The account of an owner's sub-account.
 * @throws {MalformedAddress}
 * @throws {SubAccountOutOfRange}
 * @example makeAccountId("0x90F79bf6EB2c4f870365E785982E1f101E93b906", 1n)
 */
export function makeAccountId(owner: Address, subAccount = 0n): AccountId {
  if (subAccount < 0n || subAccount >= 1n << 96n) throw new SubAccountOutOfRange(subAccount);
  return `${parseAddress(owner)}${subAccount.toString(16).padStart(24, "0")}`;
}

/**
 * An account id in lowercase.
 * @throws {MalformedAccountId}
 */
export function parseAccountId(text: string): AccountId {
  if (!bytes32Pattern.test(text)) throw new MalformedAccountId(text);
  return text.toLowerCase() as AccountId;
}

/** The address whose signature moves the account. */
export function ownerOf(account: AccountId): Address {
  return account.slice(0, 42).toLowerCase() as Address;
}

/** The number of the sub-account. */
export function subAccountOf(account: AccountId): bigint {
  return BigInt(`0x${account.slice(42)}`);
}

/**
 * The id of an instrument or underlying: its name in ASCII, left-aligned.
 * @throws {MalformedName}
 * @example nameToId("BTC-PERP")
 */
export function nameToId(name: string): Hex {
  if (!/^[\x21-\x7e]{1,32}$/.test(name)) throw new MalformedName(name);
  const digits = Array.from(name, (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return `0x${digits.padEnd(64, "0")}`;
}

/** The name that an instrument's or underlying's id spells; the id itself if it spells none. */
export function idToName(id: Hex): string {
  const digits = id.slice(2).replace(/(00)+$/, "");
  const codes = digits.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  return codes.length > 0 && codes.every((code) => code > 0x20 && code < 0x7f) ? String.fromCharCode(...codes) : id;
}
