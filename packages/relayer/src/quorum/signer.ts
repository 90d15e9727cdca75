import type { Address, Hex } from "viem";

/** This operator's key. `address` is lowercase. */
export interface Signer {
  readonly address: Address;
  sign(digest: Hex): Promise<Hex>;
}
