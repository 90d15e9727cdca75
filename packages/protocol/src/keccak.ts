import { keccak_256 } from "@noble/hashes/sha3.js";
import { createKeccak } from "hash-wasm";

type Hash = (bytes: Uint8Array) => Uint8Array;

/** WebAssembly hashes six times as fast, and hashing is most of a first epoch; where it is forbidden, JavaScript will do. */
async function fastestKeccak(): Promise<Hash> {
  try {
    const hasher = await createKeccak(256);
    return (bytes) => hasher.init().update(bytes).digest("binary");
  } catch {
    return keccak_256;
  }
}

/** keccak256 of bytes. */
export const keccak: Hash = await fastestKeccak();

/** keccak256 of ASCII text. */
export function keccakText(text: string): Uint8Array {
  return keccak(new TextEncoder().encode(text));
}
