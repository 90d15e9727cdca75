import { InvalidAmount } from "../errors/input.ts";

export type ParseUsdReturnType = bigint;
export type ParseUsdErrorType = InvalidAmount;

/**
 * A decimal number as USD, a price, or units of an instrument: fixed point with 8 decimals, exactly.
 * @throws {InvalidAmount} if it is no number, or has more than 8 digits after the point
 * @example parseUsd("-1250.5") // -125_050_000_000n
 */
export function parseUsd(text: string): ParseUsdReturnType {
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,8}))?$/.exec(text);
  if (match === null) throw new InvalidAmount(text, 8);
  const [, sign, whole = "", fraction = ""] = match;
  const magnitude = BigInt(`${whole}${fraction.padEnd(8, "0")}`);
  return sign === "-" ? -magnitude : magnitude;
}
