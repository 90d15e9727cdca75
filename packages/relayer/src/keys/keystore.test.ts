import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import * as Keystore from "ox/Keystore";
import { bytesToHex, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KeystoreError, MalformedKeyError } from "./errors.ts";
import { addressOf, decryptKey, encryptKey, parseKeystore } from "./keystore.ts";
import { readKeystore, unlockKeystore, writeKeystore } from "./keystoreFile.ts";
import { openOperatorAccount } from "./operatorAccount.ts";

/** Cheap enough to try many. */
const cost = { n: 2, r: 1, p: 1 };
const key: Hex = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

/** The test vector of the Web3 Secret Storage Definition: scrypt, passphrase "testpassword". */
const vector = JSON.stringify({
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262144,
      r: 1,
      p: 8,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-keys-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("encryptKey", () => {
  test("default: the specification's own file opens", async () => {
    const keystore = parseKeystore(vector) ?? expect.unreachable();
    expect(await decryptKey(keystore, "testpassword")).toBe(key);
  });

  test("behavior: what is encrypted opens with its passphrase and with no other", async () => {
    const privateKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => {
      const number = BigInt(bytesToHex(bytes));
      return number > 0n && number < 2n ** 255n;
    });
    await fc.assert(
      fc.asyncProperty(privateKey, fc.string({ unit: "grapheme" }), fc.string(), async (bytes, right, wrong) => {
        const secret = bytesToHex(bytes);
        const keystore = parseKeystore(JSON.stringify(await encryptKey(secret, right, cost))) ?? expect.unreachable();
        expect(JSON.stringify(keystore)).not.toContain(secret.slice(2));
        expect(addressOf(keystore)).toBe(privateKeyToAccount(secret).address.toLowerCase());
        expect(await decryptKey(keystore, right)).toBe(secret);
        if (right.normalize("NFKC") !== wrong.normalize("NFKC")) expect(await decryptKey(keystore, wrong)).toBeNull();
      }),
    );
  });

  test("error: null for what decrypts to a number that is no key", async () => {
    const [derived, options] = Keystore.scrypt({ password: "a passphrase", ...cost });
    const zero = Keystore.encrypt(`0x${"00".repeat(32)}`, derived, options);
    const keystore = parseKeystore(JSON.stringify(zero)) ?? expect.unreachable();
    expect(await decryptKey(keystore, "a passphrase")).toBeNull();
  });

  test.each(["iv", "mac", "ciphertext"])("error: a changed %s gives no other key", async (part) => {
    const text = JSON.stringify(await encryptKey(key, "a passphrase", cost));
    const digit = new RegExp(`("${part}":")(.)`).exec(text)?.[2] === "0" ? "1" : "0";
    const changed = parseKeystore(text.replace(new RegExp(`("${part}":").`), `$1${digit}`)) ?? expect.unreachable();
    expect(await decryptKey(changed, "a passphrase")).toBeNull();
  });

  test("error: parameters that would use up the memory are refused", async () => {
    const keystore = await encryptKey(key, "a passphrase", cost);
    const kdfparams = { ...keystore.crypto.kdfparams, n: 1 << 20, r: 32 };
    expect(parseKeystore(JSON.stringify({ ...keystore, crypto: { ...keystore.crypto, kdfparams } }))).toBeNull();
  });
});

describe("openOperatorAccount", () => {
  test("error: MalformedKeyError, 64 digits that are no key, and are not told", async () => {
    const privateKey: Hex = `0x${"f".repeat(64)}`;
    const opened = openOperatorAccount({ kind: "key", privateKey }, {});
    await expect(opened).rejects.toThrow(MalformedKeyError);
    await expect(opened).rejects.not.toThrow(BigInt(privateKey).toString());
  });
});

describe("keystore files", () => {
  test("default: written for the owner alone, and read again", async () => {
    const path = join(folder, "one.json");
    writeKeystore(path, await encryptKey(key, "a passphrase", cost));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await unlockKeystore(path, "a passphrase")).toBe(key);
  });

  test("error: KeystoreError, and nothing left behind, where the disk is full", async () => {
    const path = join(folder, "full.json");
    const writer = fileURLToPath(import.meta.resolve("./keystoreFile.ts"));
    const script = `import { writeKeystore } from ${JSON.stringify(writer)};
      process.on("SIGXFSZ", () => {});
      writeKeystore(${JSON.stringify(path)}, ${JSON.stringify(await encryptKey(key, "a passphrase", cost))});`;
    const full = spawnSync(
      "bash",
      ["-c", `ulimit -f 0; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
      {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], TMPDIR: folder },
      },
    );
    expect(full.stderr).toContain("KeystoreError");
    expect(readdirSync(folder).filter((name) => name.startsWith("full"))).toEqual([]);
  });

  test("error: KeystoreError, never over another key", async () => {
    const path = join(folder, "two.json");
    const keystore = await encryptKey(key, "a passphrase", cost);
    writeKeystore(path, keystore);
    expect(() => writeKeystore(path, keystore)).toThrow(KeystoreError);
  });

  test("error: KeystoreError, for a file that others may read, no keystore, none at all, a wrong passphrase", async () => {
    const path = join(folder, "three.json");
    writeKeystore(path, await encryptKey(key, "a passphrase", cost));
    await expect(unlockKeystore(path, "another one")).rejects.toThrow(KeystoreError);
    chmodSync(path, 0o640);
    expect(() => readKeystore(path)).toThrow(KeystoreError);
    writeFileSync(join(folder, "four.json"), "{}", { mode: 0o600 });
    expect(() => readKeystore(join(folder, "four.json"))).toThrow(KeystoreError);
    expect(() => readKeystore(join(folder, "none.json"))).toThrow(KeystoreError);
  });
});
