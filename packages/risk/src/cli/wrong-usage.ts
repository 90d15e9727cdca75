import { RiskError } from "../errors.ts";

/** A command line that asks for nothing there is. */
export class WrongUsage extends RiskError {
  constructor(problem: string, options?: ErrorOptions) {
    super("WRONG_USAGE", problem, "Run with --help to see what can be asked for.", options);
  }
}
