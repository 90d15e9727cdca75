import { exitCodes, RelayerError } from "../errors.ts";

/** There is nothing to explain. */
export class ExplainError extends RelayerError {
  override readonly name = "ExplainError";

  constructor(problem: string, hint: string) {
    super(problem, { code: "explain", hint, exitCode: exitCodes.fixSomething });
  }
}
