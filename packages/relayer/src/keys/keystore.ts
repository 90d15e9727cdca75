import { randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { scryptAsync as slowScrypt } from "@noble/hashes/scrypt.js";
import * as Keystore from "ox/Keystore";
import { type Address, bytesToHex, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";

// Web3 secret storage, version 3: the file that geth, ethers, web3signer and others read and write. Cipher, MAC and
// layout are ox's; scrypt is Node's own, which is some ten times faster than one in JavaScript and takes any parameters.

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`));
const salt = z.string().regex(/^(?:[0-9a-fA-F]{2}){8,64}$/);

/** Bounded, so that a file cannot make a node use up its memory: 128 * n * r bytes, at most 1 GiB. */
const scryptParamsSchema = z
  .strictObject({
    dklen: z.literal(32),
    n: z
      .number()
      .int()
      .min(2)
      .max(1 << 20)
      .refine((n) => (n & (n - 1)) === 0, { error: "n is no power of two" }),
    r: z.number().int().min(1).max(32),
    p: z.number().int().min(1).max(16),
    salt,
  })
  .refine(({ n, r }) => n * r <= 1 << 23, { error: "n * r is too large" });

const keystoreSchema = z.object({
  version: z.literal(3),
  id: z.string(),
  address: hex(20).optional(),
  crypto: z.object({
    cipher: z.literal("aes-128-ctr"),
    ciphertext: hex(32),
    cipherparams: z.object({ iv: hex(16) }),
    kdf: z.literal("scrypt"),
    kdfparams: scryptParamsSchema,
    mac: hex(32),
  }),
});
/** A private key, encrypted with a passphrase. */
export type EncryptedKey = z.infer<typeof keystoreSchema>;

/** Work factor of new files: geth's standard, 256 MiB and about a second. */
export const standardScrypt = { n: 1 << 18, r: 8, p: 1 } as const;

/** In bytes: above what the schema lets through. */
const mostMemory = 2 ** 30 + 2 ** 24;

/** Null for what is no version 3 keystore with scrypt. */
export function parseKeystore(text: string): EncryptedKey | null {
  try {
    return keystoreSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * Encrypts a private key.
 *
 * @param cost scrypt's parameters; tests take lower ones.
 */
export async function encryptKey(
  privateKey: Hex,
  passphrase: string,
  cost: { readonly n: number; readonly r: number; readonly p: number } = standardScrypt,
): Promise<EncryptedKey> {
  const kdfparams = { dklen: 32 as const, ...cost, salt: randomBytes(32).toString("hex") };
  const key = await deriveKey(passphrase, kdfparams);
  const iv = new Uint8Array(randomBytes(16));
  const { crypto, id } = Keystore.encrypt(privateKey, key, { kdf: "scrypt", kdfparams, iv });
  const address = privateKeyToAccount(privateKey).address.slice(2).toLowerCase();
  return keystoreSchema.parse({ address, crypto, id, version: 3 });
}

/** The private key; null when the passphrase is wrong, the file was changed, or what it holds is no key. */
export async function decryptKey(keystore: EncryptedKey, passphrase: string): Promise<Hex | null> {
  const key = await deriveKey(passphrase, keystore.crypto.kdfparams);
  let privateKey: Hex;
  try {
    privateKey = Keystore.decrypt({ ...keystore, version: 3 }, key);
  } catch {
    return null; // the MAC does not fit
  }
  // The MAC covers neither the initialization vector nor the address.
  const address = addressOfKey(privateKey);
  return address !== null && address === (addressOf(keystore) ?? address) ? privateKey : null;
}

/** In lowercase; null for a number that is no key. */
function addressOfKey(privateKey: Hex): Address | null {
  try {
    return privateKeyToAccount(privateKey).address.toLowerCase() as Address;
  } catch {
    return null;
  }
}

/** As the file tells it, in lowercase; null when it does not. */
export const addressOf = ({ address }: EncryptedKey): Address | null =>
  address === undefined ? null : `0x${address.toLowerCase()}`;

async function deriveKey(
  passphrase: string,
  { n, r, p, salt: saltHex, dklen }: EncryptedKey["crypto"]["kdfparams"],
): Promise<Hex> {
  // Normalized as other clients do, so that one passphrase is one passphrase on every keyboard.
  const password = Buffer.from(passphrase.normalize("NFKC"));
  const saltBytes = Buffer.from(saltHex, "hex");
  // OpenSSL keeps to RFC 7914's N < 2^(16 r); some clients write r = 1 with a larger N, and so does the specification.
  if (16 * r < 32 && n >= 2 ** (16 * r)) {
    return bytesToHex(await slowScrypt(password, saltBytes, { N: n, r, p, dkLen: dklen, maxmem: mostMemory }));
  }
  const derive = promisify<Buffer, Buffer, number, object, Buffer>(scrypt);
  return bytesToHex(new Uint8Array(await derive(password, saltBytes, dklen, { N: n, r, p, maxmem: mostMemory })));
}
