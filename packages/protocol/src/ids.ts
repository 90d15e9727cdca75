import type { Address, Hex } from "viem";

/** A chain, as LayerZero names it. */
export type Eid = number;
/** `bytes32`, lowercase: the owner's address (20 bytes), then a sub-account number (12 bytes). */
export type AccountId = Hex;
/** `bytes32`, lowercase: left-aligned ASCII such as `BTC-PERP`. */
export type InstrumentId = Hex;
/** `bytes32`, lowercase: left-aligned ASCII such as `BTC`. */
export type UnderlyingId = Hex;

/** Names a consumer or a vault's asset in maps: `eid:address`, the address in lowercase. */
export type ChainAddressKey = `${Eid}:${Address}`;

/** Names an account's asset at a vault in maps. */
export type AccountAssetKey = `${AccountId}:${Address}`;
