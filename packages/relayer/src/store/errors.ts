import { exitCodes, RelayerError } from "../errors.ts";

/** The journal already holds this epoch or a higher one: signing would risk two roots for one epoch. */
export class EpochAlreadySignedError extends RelayerError {
  override readonly name = "EpochAlreadySignedError";

  constructor(epoch: number, highestSigned: number) {
    super(`Epoch ${epoch} is not above ${highestSigned}, the highest that this node signed.`, {
      code: "epoch-already-signed",
      hint: "Propose a higher epoch number.",
    });
  }
}

/** The relayer's tables cannot be brought to this version. */
export class StoreVersionError extends RelayerError {
  override readonly name = "StoreVersionError";

  constructor(cause: unknown) {
    super("The database's relayer tables do not fit this version of the program.", {
      code: "store-version",
      hint: "Run the version that wrote the database, or a newer one; do not delete it: it holds the signing journal.",
      cause,
      exitCode: exitCodes.fixSomething,
    });
  }
}
