import { createHmac } from "node:crypto";
import type { Address, Hex } from "viem";

/**
 * Signatures that cost nothing and cannot be forged in here: 65 bytes that are looked up in a book of all that were
 * made. Recovering one of secp256k1 takes milliseconds, and would be nine tenths of the time.
 */
export interface Signatures {
  sign(signer: Address, digest: Hex): Hex;
  /** Whose signature of this digest it is; null when nobody's. */
  signerOf(digest: Hex, signature: Hex): Address | null;
  /** Of any digest. */
  maker(signature: Hex): Address | null;
}

export function createSignatures(): Signatures {
  const made = new Map<Hex, { readonly signer: Address; readonly digest: Hex }>();
  return {
    sign(signer, digest) {
      const half = (which: string) => createHmac("sha256", signer).update(which).update(digest).digest("hex");
      const signature: Hex = `0x${half("r")}${half("s")}1b`;
      made.set(signature, { signer, digest });
      return signature;
    },
    signerOf(digest, signature) {
      const found = made.get(signature);
      return found?.digest === digest ? found.signer : null;
    },
    maker: (signature) => made.get(signature)?.signer ?? null,
  };
}
