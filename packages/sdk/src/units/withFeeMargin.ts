/** A tenth more, rounded up: gas prices move between the quote and the block. What is too much is refunded. */
export function withFeeMargin(feeWei: bigint): bigint {
  return feeWei + (feeWei + 9n) / 10n;
}
