import { concatHex, encodeAbiParameters, type Hex, keccak256, toBytes } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { expect, test } from "vitest";
import {
  attestationDigest,
  joinSignatures,
  recoverSigner,
  signHeader,
  splitSignatures,
  verifyHeaderSignature,
} from "./attestation.ts";
import type { Header } from "./epoch.ts";
import { MalformedSignatures } from "./errors.ts";

const salt: Hex = `0x${"5a".repeat(32)}`;
const header: Header = {
  epoch: 7,
  operatorSetId: 2,
  root: `0x${"11".repeat(32)}`,
  cutHash: `0x${"22".repeat(32)}`,
  riskVersion: 9,
  issuedAt: 1_760_000_000,
  expiresAt: 1_760_000_600,
};

test("default: the digest is the one of EIP-712, spelled out", () => {
  const words = (types: string[], values: unknown[]) =>
    keccak256(
      encodeAbiParameters(
        types.map((type) => ({ type })),
        values,
      ),
    );
  const domain = words(
    ["bytes32", "bytes32", "bytes32", "bytes32"],
    [
      keccak256(toBytes("EIP712Domain(string name,string version,bytes32 salt)")),
      keccak256(toBytes("Plimsoll")),
      keccak256(toBytes("1")),
      salt,
    ],
  );
  const type =
    "Attestation(uint64 epoch,uint32 operatorSetId,bytes32 root,bytes32 cutHash,uint32 riskVersion,uint64 issuedAt,uint64 expiresAt)";
  const struct = words(
    ["bytes32", "uint64", "uint32", "bytes32", "bytes32", "uint32", "uint64", "uint64"],
    [keccak256(toBytes(type)), 7n, 2, header.root, header.cutHash, 9, 1_760_000_000n, 1_760_000_600n],
  );
  expect(attestationDigest(header, salt)).toBe(keccak256(concatHex(["0x1901", domain, struct])));
});

test("behavior: signatures are verified and put in ascending order of signer", async () => {
  const signed = await Promise.all([0, 1, 2].map(() => signHeader(header, salt, generatePrivateKey())));
  for (const one of signed) expect(await verifyHeaderSignature(header, salt, one)).toBe(true);
  const [first] = signed;
  if (first) expect(await verifyHeaderSignature({ ...header, epoch: 8 }, salt, first)).toBe(false);
  const parts = splitSignatures(joinSignatures(signed));
  const signers = await Promise.all(parts.map((part) => recoverSigner(header, salt, part)));
  expect(signers).toEqual(signed.map(({ signer }) => signer).sort());
});

test("error: MalformedSignatures", async () => {
  const one = await signHeader(header, salt, generatePrivateKey());
  expect(() => joinSignatures([one, one])).toThrow(MalformedSignatures);
  expect(() => splitSignatures("0x1234")).toThrow(MalformedSignatures);
  await expect(recoverSigner(header, salt, "0x12")).rejects.toThrow(MalformedSignatures);
  const highS: Hex = `0x${one.signature.slice(2, 66)}${"f".repeat(64)}1b`;
  await expect(recoverSigner(header, salt, highS)).rejects.toThrow(MalformedSignatures);
  expect(await verifyHeaderSignature(header, salt, { ...one, signature: highS })).toBe(false);
});
