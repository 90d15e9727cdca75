import { type Address, type Hex, keccak256, recoverAddress } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { z } from "zod";
import { AnswerTooLongError, boundedText } from "../boundedText.ts";
import { parseJson } from "../parseJson.ts";
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
/** Of an answer, in bytes: a list of 10,000 public keys has 1.4 million. */
const longestAnswer = 4 << 20;
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const signatureSchema = z.string().regex(/^"?0x[0-9a-fA-F]{130}"?\s*$/);
const publicKeysSchema = z.array(z.string().regex(/^0x(?:04)?[0-9a-fA-F]{128}$/)).max(10_000);
const hint = "Check that it runs in eth1 mode, that [signer] names its URL, and that it holds this operator's key.";

/**
 * Connects to a signer that speaks web3signer's eth1 API (`GET /api/v1/eth1/publicKeys`,
 * `POST /api/v1/eth1/sign/{public key}`), and finds the key by its address. Every signature it gives is checked.
 *
 * @param options.url may hold a path, user and password (basic authentication), and a query, which goes with every request.
 * @throws RemoteSignerError
 */
export async function connectRemoteSigner(options: {
  readonly url: string;
  readonly address: Address;
}): Promise<KeyHolder> {
  const request = requester(options.url);
  const address = options.address.toLowerCase() as Address;
  const listed = publicKeysSchema.safeParse(parseJson(await request("publicKeys")));
  if (!listed.success) throw new RemoteSignerError("its list of public keys is malformed", hint, listed.error);
  const publicKey = listed.data.find((key) => addressOfPublicKey(key) === address);
  if (publicKey === undefined) throw new RemoteSignerError(`it holds no key of ${address}`, hint);

  return {
    address,
    async signKeccak(data) {
      const answer = signatureSchema.safeParse(
        await request(`sign/${publicKey}`, { method: "POST", body: JSON.stringify({ data }) }),
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

type RequestSigner = (path: string, init?: { method?: string; body?: string }) => Promise<string>;

/** `fetch` takes no URL with a user and password in it, and tells the whole of it. */
function requester(signerUrl: string): RequestSigner {
  const base = new URL(signerUrl);
  const { username, password } = base;
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers = {
    "content-type": "application/json",
    ...(username === "" && password === "" ? {} : { authorization: `Basic ${basic}` }),
  };
  [base.username, base.password] = ["", ""];
  return async (path, init = {}) => {
    const url = new URL(base);
    url.pathname = `${base.pathname.replace(/\/$/, "")}/api/v1/eth1/${path}`;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, { ...init, headers, redirect: "error", signal });
      if (!response.ok) throw new RemoteSignerError(`it answered ${response.status}`, hint);
      return await boundedText(response, longestAnswer);
    } catch (cause) {
      if (cause instanceof RemoteSignerError) throw cause;
      const problem = cause instanceof AnswerTooLongError ? "its answer is too long" : "it does not answer";
      throw new RemoteSignerError(problem, hint, cause);
    }
  };
}
