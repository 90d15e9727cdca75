import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Hex } from "viem";
import { KeystoreError } from "./errors.ts";
import { decryptKey, type EncryptedKey, parseKeystore } from "./keystore.ts";

const othersMayRead = 0o077;

/**
 * Reads a keystore file.
 *
 * @throws KeystoreError also when somebody else than its owner may read it.
 */
export function readKeystore(path: string): EncryptedKey {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, "utf8");
    mode = statSync(path).mode;
  } catch (cause) {
    throw new KeystoreError(
      path,
      "cannot be read",
      "Check [signer] keystore, or make one: plimsoll keys create.",
      cause,
    );
  }
  if (process.platform !== "win32" && (mode & othersMayRead) !== 0) {
    throw new KeystoreError(path, "others than its owner may read it", `chmod 600 ${path}`);
  }
  const keystore = parseKeystore(text);
  if (keystore !== null) return keystore;
  const hint = "It must be web3 secret storage, version 3, with scrypt: what plimsoll keys create writes.";
  throw new KeystoreError(path, "is no keystore", hint);
}

/**
 * Reads and decrypts a keystore file.
 *
 * @throws KeystoreError
 */
export async function unlockKeystore(path: string, passphrase: string): Promise<Hex> {
  const key = await decryptKey(readKeystore(path), passphrase);
  if (key !== null) return key;
  throw new KeystoreError(path, "the passphrase is wrong, or the file was changed", "Check the passphrase's source.");
}

/**
 * Writes a keystore that its owner alone may read. Never over a file that is there, and it is there whole or not at all,
 * on the disk when this returns: somebody may send money to its address at once.
 *
 * @throws KeystoreError
 */
export function writeKeystore(path: string, keystore: EncryptedKey): void {
  const unfinished = `${path}.${randomUUID()}.tmp`;
  try {
    try {
      writeFileSync(unfinished, `${JSON.stringify(keystore, null, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
      linkSync(unfinished, path);
    } finally {
      rmSync(unfinished, { force: true });
    }
    syncFolder(dirname(path));
  } catch (cause) {
    const exists = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const hint = exists
      ? "Name another file with --out: a key is never overwritten."
      : "Check the folder, its rights, and that its disk is not full.";
    throw new KeystoreError(path, exists ? "is there already" : "cannot be written", hint, cause);
  }
}

/** A new file is found after a power cut once its folder is on the disk, too. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
