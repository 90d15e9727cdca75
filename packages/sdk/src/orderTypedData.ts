import type { AccountId, InstrumentId } from "@plimsoll/protocol/ids";
import type { Address } from "viem";

/** An order as the market takes it. Units, USD: 8 decimals. */
export interface Order {
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly size: bigint;
  readonly limitPrice: bigint;
  /** Seconds since 1970. */
  readonly expiry: bigint;
  /** The account's series: `cancelAllOrders` ends it, and every order that names it. */
  readonly series: bigint;
  readonly salt: bigint;
}

const types = {
  Order: [
    { name: "account", type: "bytes32" },
    { name: "instrument", type: "bytes32" },
    { name: "size", type: "int128" },
    { name: "limitPrice", type: "uint64" },
    { name: "expiry", type: "uint64" },
    { name: "series", type: "uint64" },
    { name: "salt", type: "uint64" },
  ],
} as const;

/** What an order's owner signs (EIP-712). */
export function orderTypedData(parameters: { chainId: number; market: Address; order: Order }) {
  const { chainId, market, order } = parameters;
  return {
    domain: { name: "Plimsoll Market", version: "1", chainId, verifyingContract: market },
    types,
    primaryType: "Order",
    message: order,
  } as const;
}
