import { AllotmentExceeded, ContractRefused, GrossLimitExceeded, StaleProof } from "@plimsoll/sdk/errors/contract";

/**
 * Why nothing came of an attempt. `too-much`: a smaller part may pass. `overtaken`: somebody was faster, or an epoch says
 * otherwise by now; the next list of books knows. `failed`: a node, a chain or the wallet, and worth a person's look if it
 * goes on.
 */
export type Refusal = "too-much" | "overtaken" | "failed";

/** A fill of somebody else's, a hedge of the account's, and a discount that the account cannot pay shrink what may be taken. */
const tooMuch = new Set(["FractionTooLarge", "BelowTarget", "DiscountTooSmall"]);
const overtaken = new Set([
  "AuctionUnderWay",
  "BackstopHasRoom",
  "NoAuction",
  "NotInsolvent",
  "NotLiquidatable",
  "NothingToMove",
  "StillLiquidatable",
]);

/** @example if (refusalOf(error) === "too-much") tryHalf(); */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof AllotmentExceeded || error instanceof GrossLimitExceeded) return "too-much";
  if (error instanceof StaleProof) return "overtaken";
  const name = error instanceof ContractRefused ? (error.errorName ?? "") : "";
  if (tooMuch.has(name)) return "too-much";
  return overtaken.has(name) ? "overtaken" : "failed";
}
