import { ToldError } from "@plimsoll/demo/toldError";

/** Faults were over, and something that has to come back by itself did not in time. */
export class NotRecovered extends ToldError {
  override readonly name = "NotRecovered";

  constructor(what: string, seconds: number, options?: ErrorOptions) {
    super(
      `${seconds} s after the last fault, this had not come about: ${what}.`,
      "Run the seed again with --logs DIR and read the operators' logs there.",
      options,
    );
  }
}

/** An index that began with nothing did not get to the end of every chain. */
export class ChainsUnreadable extends ToldError {
  override readonly name = "ChainsUnreadable";

  constructor(mostMs: number) {
    super(
      `Reading the chains from their first block did not end within ${mostMs / 1000} s.`,
      "Look whether every chain answers, and whether each block follows from the one before it.",
    );
  }
}

/** The chains have no block that is final. */
export class NothingFinal extends ToldError {
  override readonly name = "NothingFinal";

  constructor() {
    super("The rebuilt index has no finalized cut.", "Look whether every chain still makes blocks.");
  }
}
