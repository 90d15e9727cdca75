import { exitCodes, RelayerError } from "../errors.ts";

/** A keystore file cannot be used. The message never holds anything of the key. */
export class KeystoreError extends RelayerError {
  override readonly name = "KeystoreError";

  constructor(path: string, problem: string, hint: string, cause?: unknown) {
    super(`${path}: ${problem}`, { code: "keystore", hint, cause, exitCode: exitCodes.fixSomething });
  }
}

/** No passphrase, or one that cannot be taken. */
export class PassphraseError extends RelayerError {
  override readonly name = "PassphraseError";

  constructor(problem: string, hint: string, cause?: unknown) {
    super(problem, { code: "passphrase", hint, cause, exitCode: exitCodes.fixSomething });
  }
}

/** The remote signer did not give a signature that this operator can use. It may do so later: restart me. */
export class RemoteSignerError extends RelayerError {
  override readonly name = "RemoteSignerError";

  constructor(problem: string, hint: string, cause?: unknown) {
    super(`remote signer: ${problem}`, { code: "remote-signer", hint, cause });
  }
}

/** What was handed in is no private key. */
export class MalformedKeyError extends RelayerError {
  override readonly name = "MalformedKeyError";

  constructor(source: string) {
    super(`${source} holds no private key: expected 0x and 64 hexadecimal digits`, {
      code: "malformed-key",
      hint: "Give the key as 0x and 64 hexadecimal digits.",
      exitCode: exitCodes.fixSomething,
    });
  }
}
