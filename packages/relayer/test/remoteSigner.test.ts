import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { attestationTypedData, recoverSigner } from "@plimsoll/protocol/attestation";
import type { Header } from "@plimsoll/protocol/epoch";
import { type Address, type Hex, parseGwei, recoverMessageAddress, recoverTransactionAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RemoteSignerError } from "../src/keys/errors.ts";
import { accountOf, openOperatorAccount } from "../src/keys/operatorAccount.ts";
import { connectRemoteSigner } from "../src/keys/remoteSigner.ts";

const key: Hex = `0x${"4c".repeat(32)}`;
const local = privateKeyToAccount(key);
const address = local.address.toLowerCase() as Address;
const salt: Hex = `0x${"5a".repeat(32)}`;
const header: Header = {
  epoch: 7,
  operatorSetId: 1,
  root: `0x${"01".repeat(32)}`,
  cutHash: `0x${"02".repeat(32)}`,
  riskVersion: 3,
  issuedAt: 1_760_000_000,
  expiresAt: 1_760_000_600,
};

let signer: ChildProcess;

async function startSigner(): Promise<string> {
  signer = spawn(process.execPath, [join(import.meta.dirname, "support/web3signer.ts")], {
    env: { ...process.env, KEY: key },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(signer.stdout ?? expect.unreachable(), "data")) as [Buffer];
  return line.toString().trim();
}

let good: string;
beforeAll(async () => {
  good = await startSigner();
});
afterAll(() => signer.kill());

describe("a remote signer", () => {
  test("default: signs a header as the key itself would", async () => {
    const account = await openOperatorAccount({ kind: "remote", url: good, address }, {});
    const signature = await account.signTypedData(attestationTypedData(header, salt));
    expect(signature).toBe(await local.signTypedData(attestationTypedData(header, salt)));
    expect(await recoverSigner(header, salt, signature)).toBe(address);
  });

  test("behavior: signs transactions and messages, too", async () => {
    const account = accountOf(await connectRemoteSigner({ url: `${good}/`, address }));
    const transaction = {
      type: "eip1559",
      chainId: 31337,
      nonce: 3,
      to: `0x${"aa".repeat(20)}`,
      data: "0x1234",
      gas: 100_000n,
      maxFeePerGas: parseGwei("2"),
      maxPriorityFeePerGas: parseGwei("1"),
    } as const;
    const serializedTransaction = await account.signTransaction(transaction);
    expect(serializedTransaction).toBe(await local.signTransaction(transaction));
    expect(await recoverTransactionAddress({ serializedTransaction: serializedTransaction as `0x02${string}` })).toBe(
      local.address,
    );
    const signature = await account.signMessage({ message: "hello" });
    expect(await recoverMessageAddress({ message: "hello", signature })).toBe(local.address);
  });

  test("behavior: v counted from zero is understood", async () => {
    const holder = await connectRemoteSigner({ url: `${good}/v-zero-based`, address });
    const usual = await connectRemoteSigner({ url: good, address });
    expect(await holder.signKeccak("0x1234")).toBe(await usual.signKeccak("0x1234"));
  });

  test("behavior: a URL may hold a user and password, a path, and a key", async () => {
    const secured = new URL(`${good}/secured/?apikey=sesame`);
    await expect(connectRemoteSigner({ url: secured.href, address })).rejects.toThrow(RemoteSignerError);
    [secured.username, secured.password] = ["operator", "pass word"];
    const holder = await connectRemoteSigner({ url: secured.href, address });
    const usual = await connectRemoteSigner({ url: good, address });
    expect(await holder.signKeccak("0x1234")).toBe(await usual.signKeccak("0x1234"));
  });

  test("error: RemoteSignerError, an answer without an end", async () => {
    await expect(connectRemoteSigner({ url: `${good}/endless`, address })).rejects.toThrow("too long");
  });

  test("error: RemoteSignerError, a signature of other data is never passed on", async () => {
    const holder = await connectRemoteSigner({ url: `${good}/other-data`, address });
    await expect(holder.signKeccak("0x1234")).rejects.toThrow(RemoteSignerError);
  });

  test("error: RemoteSignerError, another key, trouble there, or nobody", async () => {
    const other: Address = `0x${"99".repeat(20)}`;
    await expect(connectRemoteSigner({ url: good, address: other })).rejects.toThrow(RemoteSignerError);
    await expect(connectRemoteSigner({ url: `${good}/down`, address })).rejects.toThrow(RemoteSignerError);
    await expect(connectRemoteSigner({ url: "http://127.0.0.1:9", address })).rejects.toThrow(RemoteSignerError);
  });
});
