import { type Address, type Hex, keccak256, recoverAddress } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { z } from "zod";
import { RemoteSignerError } from "./errors.ts";

/**
 * Whatever holds a key without giving it away: it hashes with keccak256 and signs. A KMS fits behind this, or web3signer,
 * which itself speaks to HSMs, vaults and the KMS of the large clouds.
 */
export interface KeyHolder {
  /** Lowercase. */
  readonly address: Address;
  /** Signature of keccak256(data): 65 bytes (r, s, v), v 27 or 28, low s. */
  signKeccak(data: Hex): Promise<Hex>;
}

const timeoutMs = 5_000;
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const signatureSchema = z.string().regex(/^"?0x[0-9a-fA-F]{130}"?\s*$/);
const publicKeysSchema = z.array(z.string().regex(/^0x(?:04)?[0-9a-fA-F]{128}$/)).max(10_000);
const hint = "Check that it runs in eth1 mode, that [signer] names its URL, and that it holds this operator's key.";

/**
 * Connects to a signer that speaks web3signer's eth1 API (`GET /api/v1/eth1/publicKeys`,
 * `POST /api/v1/eth1/sign/{public key}`), and finds the key by its address. Every signature it gives is checked.
 *
 * @throws RemoteSignerError
 */
export async function connectRemoteSigner(options: {
  readonly url: string;
  readonly address: Address;
}): Promise<KeyHolder> {
  const base = `${options.url.replace(/\/$/, "")}/api/v1/eth1`;
  const address = options.address.toLowerCase() as Address;
  const listed = publicKeysSchema.safeParse(parseJson(await request(`${base}/publicKeys`)));
  if (!listed.success) throw new RemoteSignerError("its list of public keys is malformed", hint, listed.error);
  const publicKey = listed.data.find((key) => addressOfPublicKey(key) === address);
  if (publicKey === undefined) throw new RemoteSignerError(`it holds no key of ${address}`, hint);

  return {
    address,
    async signKeccak(data) {
      const answer = signatureSchema.safeParse(
        await request(`${base}/sign/${publicKey}`, { method: "POST", body: JSON.stringify({ data }) }),
      );
      if (!answer.success) throw new RemoteSignerError("its answer is no signature", hint);
      const signature = normalize(answer.data.replace(/["\s]/g, "") as Hex);
      const signer = await recoverAddress({ hash: keccak256(data), signature }).catch(() => null);
      if (signer?.toLowerCase() !== address) throw new RemoteSignerError("its signature is not of this key", hint);
      return signature;
    },
  };
}

const uncompressed = (key: string): Hex => `0x04${key.slice(-128)}`;
const addressOfPublicKey = (key: string): Address => publicKeyToAddress(uncompressed(key)).toLowerCase() as Address;

/** v as 27 or 28; contracts take no high s, and a signer that gives one is not to be argued with. */
function normalize(signature: Hex): Hex {
  if (BigInt(`0x${signature.slice(66, 130)}`) > halfOrder) throw new RemoteSignerError("it gives high s", hint);
  const v = Number.parseInt(signature.slice(130), 16);
  return `${signature.slice(0, 130) as Hex}${(v < 27 ? v + 27 : v).toString(16)}`;
}

async function request(url: string, init: { method?: string; body?: string } = {}): Promise<string> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { "content-type": "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new RemoteSignerError(`it answered ${response.status}`, hint);
    return await response.text();
  } catch (cause) {
    throw cause instanceof RemoteSignerError ? cause : new RemoteSignerError("it does not answer", hint, cause);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
