const daySeconds = 86_400;
const daysAYear = 365;

/** What decides how often a chain is posted to while nobody trades. */
export interface PostingRate {
  readonly heartbeatSeconds: number;
  readonly deviationBps: number;
  /** Of the mark that moves most, as a fraction: 0.8 is 80 % a year. */
  readonly annualVolatility: number;
  /** No chain is posted to more often than there are epochs. */
  readonly epochIntervalMs: number;
}

/**
 * Expected posts a day from heartbeat and deviation, for a mark that moves like Brownian motion; those for changed
 * allotments, withdrawals and exit totals come on top, at most one an epoch.
 *
 * After each post the next one is due when the mark has left the band or the heartbeat has passed, whichever is first:
 * posts a day = a day / E[min(exit time, heartbeat)]. With band d and volatility s the exit time exceeds t with
 * probability `4/pi * sum over k of (-1)^k / (2k+1) * exp(-(2k+1)^2 pi^2 s^2 t / (8 d^2))`, integrated here term by term
 * (the heat equation's series on an interval); without a heartbeat the mean is d^2/s^2.
 *
 * @example
 * postsPerDay({ heartbeatSeconds: 600, deviationBps: 50, annualVolatility: 0.8, epochIntervalMs: 60_000 });
 */
export function postsPerDay({
  heartbeatSeconds,
  deviationBps,
  annualVolatility,
  epochIntervalMs,
}: PostingRate): number {
  const most = mostPostsPerDay(epochIntervalMs);
  const variancePerSecond = annualVolatility ** 2 / (daysAYear * daySeconds);
  const band = deviationBps / 10_000;
  if (variancePerSecond === 0) return Math.min(most, daySeconds / heartbeatSeconds);
  if (band === 0) return most;
  const unbounded = band ** 2 / variancePerSecond;
  let cutOff = 0;
  for (let k = 0; k < 50; k++) {
    const odd = 2 * k + 1;
    const rate = (odd ** 2 * Math.PI ** 2) / (8 * unbounded);
    cutOff += ((k % 2 === 0 ? 1 : -1) / (odd * rate)) * Math.exp(-rate * heartbeatSeconds);
  }
  const mean = Math.max(0, unbounded - (4 / Math.PI) * cutOff);
  return Math.min(most, daySeconds / Math.min(heartbeatSeconds, mean));
}

/** Posts a day if every epoch is worth one. */
export const mostPostsPerDay = (epochIntervalMs: number): number => (daySeconds * 1000) / epochIntervalMs;

/** Gas of one post by five operators of whom three sign: `npm run bench -- gas` prints what others cost. */
export const gasPerPost = 60_000n;

/** What posts cost, wei a day, rounded up to whole posts. */
export function postingCostWei(posts: number, gas: bigint, gasPriceWei: bigint): bigint {
  return BigInt(Math.ceil(posts)) * gas * gasPriceWei;
}
