import { RiskError } from "../errors.ts";

/** A function of this folder is not defined at the argument. */
export class OutsideDomain extends RiskError {
  constructor(what: string) {
    super("OUTSIDE_DOMAIN", `No value for ${what}.`, "Validate prices, times and rates before they are computed with.");
  }
}
