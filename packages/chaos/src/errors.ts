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

/** The chains have no block that is final. */
export class NothingFinal extends ToldError {
  override readonly name = "NothingFinal";

  constructor() {
    super("The rebuilt index has no finalized cut.", "Look whether every chain still makes blocks.");
  }
}
