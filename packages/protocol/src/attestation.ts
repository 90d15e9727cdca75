import { type Address, concatHex, type Hex, hashTypedData, hexToBytes, recoverAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Header } from "./epoch.ts";
import { MalformedSignatures } from "./errors.ts";

const types = {
  Attestation: [
    { name: "epoch", type: "uint64" },
    { name: "operatorSetId", type: "uint32" },
    { name: "root", type: "bytes32" },
    { name: "cutHash", type: "bytes32" },
    { name: "riskVersion", type: "uint32" },
    { name: "issuedAt", type: "uint64" },
    { name: "expiresAt", type: "uint64" },
  ],
} as const;

/** One operator's signature of a header: 65 bytes (r, s, v). */
export interface HeaderSignature {
  readonly signer: Address;
  readonly signature: Hex;
}

/** EIP-712 typed data of a header, for wallets and signers that take it whole. */
export function attestationTypedData(header: Header, salt: Hex) {
  return {
    // No chain id: one signature serves every chain. The salt tells deployments apart.
    domain: { name: "Plimsoll", version: "1", salt },
    types,
    primaryType: "Attestation",
    message: {
      ...header,
      epoch: BigInt(header.epoch),
      issuedAt: BigInt(header.issuedAt),
      expiresAt: BigInt(header.expiresAt),
    },
  } as const;
}

/** What operators sign. */
export function attestationDigest(header: Header, salt: Hex): Hex {
  return hashTypedData(attestationTypedData(header, salt));
}

/** Signs a header with an operator's key. */
export async function signHeader(header: Header, salt: Hex, privateKey: Hex): Promise<HeaderSignature> {
  const account = privateKeyToAccount(privateKey);
  const signature = await account.sign({ hash: attestationDigest(header, salt) });
  return { signer: account.address.toLowerCase() as Address, signature };
}

/** Half the order of secp256k1: contracts take no higher s, so that a signature has one form. */
const highestS = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * Who signed the header, in lowercase.
 * @throws {MalformedSignatures} if it is none, or one that contracts refuse.
 */
export async function recoverSigner(header: Header, salt: Hex, signature: Hex): Promise<Address> {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) throw new MalformedSignatures("not 65 bytes");
  if (BigInt(`0x${signature.slice(66, 130)}`) > highestS) throw new MalformedSignatures("high s");
  const v = hexToBytes(signature)[64];
  if (v !== 27 && v !== 28) throw new MalformedSignatures(`v is ${v}, not 27 or 28`);
  const signer = await recoverAddress({ hash: attestationDigest(header, salt), signature });
  return signer.toLowerCase() as Address;
}

/** Whether `signer` signed the header; false also for what is no signature. */
export async function verifyHeaderSignature(header: Header, salt: Hex, given: HeaderSignature): Promise<boolean> {
  try {
    return (await recoverSigner(header, salt, given.signature)) === given.signer.toLowerCase();
  } catch {
    return false;
  }
}

/** Signatures as `SolvencyAttestations.post` wants them: one after the other in ascending order of signer. */
export function joinSignatures(signatures: readonly HeaderSignature[]): Hex {
  const ascending = [...signatures].sort((a, b) => (a.signer.toLowerCase() < b.signer.toLowerCase() ? -1 : 1));
  const signers = ascending.map(({ signer }) => signer.toLowerCase());
  if (new Set(signers).size !== signers.length) throw new MalformedSignatures("one signer twice");
  return concatHex(ascending.map(({ signature }) => signature));
}

/**
 * The single signatures of a joined one.
 * @throws {MalformedSignatures}
 */
export function splitSignatures(joined: Hex): Hex[] {
  const digits = joined.slice(2);
  if (digits.length % 130 !== 0) throw new MalformedSignatures("not 65 bytes a signer");
  return Array.from({ length: digits.length / 130 }, (_, i): Hex => `0x${digits.slice(130 * i, 130 * (i + 1))}`);
}
