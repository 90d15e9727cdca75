export interface FormatUsdParameters {
  /** Digits after the point, 0 to 8; 2 by default. */
  readonly decimals?: number | undefined;
}

export type FormatUsdReturnType = string;

/**
 * USD with 8 decimals for people, rounded down (towards minus infinity): nobody reads more than they have.
 * @example formatUsd(-125_050_000_000n) // "-1,250.50"
 */
export function formatUsd(valueE8: bigint, parameters: FormatUsdParameters = {}): FormatUsdReturnType {
  const decimals = Math.min(8, Math.max(0, parameters.decimals ?? 2));
  const step = 10n ** BigInt(8 - decimals);
  const remainder = valueE8 % step;
  const rounded = (remainder < 0n ? valueE8 - remainder - step : valueE8 - remainder) / step;
  const digits = (rounded < 0n ? -rounded : rounded).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = decimals === 0 ? "" : `.${digits.slice(-decimals)}`;
  return `${rounded < 0n ? "-" : ""}${whole}${fraction}`;
}
