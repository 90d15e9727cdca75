import { exitCodes, RelayerError } from "../errors.ts";

/** An epoch cannot be computed again from this database. */
export class ReplayError extends RelayerError {
  override readonly name = "ReplayError";

  constructor(problem: string, hint: string) {
    super(problem, { code: "replay", hint, exitCode: exitCodes.fixSomething });
  }
}
