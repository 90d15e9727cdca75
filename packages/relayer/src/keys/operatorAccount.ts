import {
  concatHex,
  getTypesForEIP712Domain,
  type Hex,
  hashDomain,
  hashStruct,
  type LocalAccount,
  parseSignature,
  serializeTransaction,
  type TypedDataDomain,
  toPrefixedMessage,
} from "viem";
import { privateKeyToAccount, toAccount } from "viem/accounts";
import type { SignerConfig } from "../config.ts";
import { unlockKeystore } from "./keystoreFile.ts";
import { parsePrivateKey } from "./parsePrivateKey.ts";
import { readPassphrase } from "./passphrase.ts";
import { connectRemoteSigner, type KeyHolder } from "./remoteSigner.ts";

/**
 * The operator's key as an account of viem's, wherever the key is: it signs epochs (typed data), requests to peers
 * (messages) and transactions.
 *
 * @throws KeystoreError, PassphraseError, MalformedKeyError or RemoteSignerError
 * @example
 * const account = await openOperatorAccount(config.signer, process.env);
 */
export async function openOperatorAccount(
  signer: SignerConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LocalAccount> {
  switch (signer.kind) {
    case "key":
      return privateKeyToAccount(parsePrivateKey(signer.privateKey, "PLIMSOLL_OPERATOR_KEY"));
    case "keystore": {
      const passphrase = await readPassphrase(environment, { twice: false });
      return privateKeyToAccount(await unlockKeystore(signer.path, passphrase));
    }
    case "remote":
      return accountOf(await connectRemoteSigner(signer));
  }
}

/** An account whose key is elsewhere. The holder hashes by itself, so it is given what is hashed and never a hash. */
export function accountOf(holder: KeyHolder): LocalAccount {
  return toAccount({
    address: holder.address,
    signMessage: ({ message }) => holder.signKeccak(toPrefixedMessage(message)),
    async signTransaction(transaction, options) {
      const serialize = options?.serializer ?? serializeTransaction;
      const signature = await holder.signKeccak((await serialize(transaction)) as Hex);
      return serialize(transaction, parseSignature(signature));
    },
    signTypedData(definition) {
      const { domain, types: own, primaryType, message } = definition as unknown as TypedParts;
      const types = { EIP712Domain: getTypesForEIP712Domain({ domain }), ...own };
      return holder.signKeccak(
        concatHex(["0x1901", domainHash({ domain, types }), structHash({ data: message, primaryType, types })]),
      );
    },
  });
}

type Types = Record<string, { name: string; type: string }[]>;

/** Typed data without its generics: whoever calls has them checked by viem's account interface. */
interface TypedParts {
  readonly types: Types;
  readonly domain: TypedDataDomain;
  readonly message: Record<string, unknown>;
  readonly primaryType: string;
}

const domainHash = hashDomain as (parts: { domain: TypedDataDomain; types: Types }) => Hex;
const structHash = hashStruct as (parts: { data: Record<string, unknown>; primaryType: string; types: Types }) => Hex;
