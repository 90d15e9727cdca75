import { exitCodes, RelayerError } from "../errors.ts";

/** No configuration can be written from what was given. Nothing was written. */
export class InitError extends RelayerError {
  override readonly name = "InitError";

  constructor(problem: string, hint: string, cause?: unknown) {
    super(problem, { code: "init", hint, cause, exitCode: exitCodes.fixSomething });
  }
}
