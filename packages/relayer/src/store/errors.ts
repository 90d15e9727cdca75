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

  constructor(
    cause: unknown,
    hint = "Run the version that wrote the database, or a newer one; do not delete it: it holds the signing journal.",
  ) {
    super("The database's relayer tables do not fit this version of the program.", {
      code: "store-version",
      hint,
      cause,
      exitCode: exitCodes.fixSomething,
    });
  }
}

/** What the next epoch builds on was kept by another version of the program, and this one can neither read nor compute it. */
export class EpochOutdatedError extends RelayerError {
  override readonly name = "EpochOutdatedError";

  constructor(epoch: number, because: string) {
    super(
      `Epochs that still count were kept by another version of this program, in a layout that this one does not read, and epoch ${epoch} cannot be computed again: ${because}.`,
      {
        code: "epoch-outdated",
        hint: "This version has signed nothing on top of it. Start the version before, from the copy that was made before the upgrade, and take this one as its release's notes say: see Upgrade in docs/OPERATORS.md.",
        exitCode: exitCodes.fixSomething,
      },
    );
  }
}
