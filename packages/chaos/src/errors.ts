/** Base of what ends a run before its time: one line for the person at the terminal, and what to do next. */
class ChaosError extends Error {
  override readonly name: string = "ChaosError";
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** Faults were over, and something that has to come back by itself did not in time. */
export class NotRecovered extends ChaosError {
  override readonly name = "NotRecovered";

  constructor(what: string, seconds: number, options?: ErrorOptions) {
    super(
      `${seconds} s after the last fault, this had not come about: ${what}.`,
      "Run the seed again with --logs DIR and read the operators' logs there.",
      options,
    );
  }
}
