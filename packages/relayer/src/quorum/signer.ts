import type { Header } from "@plimsoll/protocol/epoch";
import type { Address, Hex } from "viem";

/** This operator's key. `address` is lowercase. */
export interface Signer {
  readonly address: Address;
  /** @param header what `digest` is of: a signer elsewhere hashes by itself what it signs. */
  sign(digest: Hex, header: Header): Promise<Hex>;
}
