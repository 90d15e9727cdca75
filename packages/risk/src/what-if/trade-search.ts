import { accountMargin } from "../account/account-margin.ts";
import { applyTrade, type Situation, type TradeChange } from "./change.ts";

// What a trade of q units leaves in the worst scenario, for q of one sign, is a minimum over scenarios of: a linear
// function of q, less charges (convex), less the concentration charge (convex). So it is concave in q, up to roundings of
// a few units of the eighth decimal: where it is at least 0 is one interval, and it rises to one peak and falls from it.

/** Whose sizes are searched: which instrument, where, and at what price. */
export type TradeKind = Omit<TradeChange, "kind" | "size">;

/** The largest size that is looked at: ten billion units. */
export const largestSize = 10n ** 18n;

/** The worst value after the trade, as the engine itself gives it. */
export function worstAfter({ priced, account }: Situation, trade: TradeKind, size: bigint): bigint {
  return accountMargin(priced, applyTrade(priced, account, { ...trade, kind: "trade", size })).worst;
}

/** The largest magnitude from `fits` to `end` at which `test` holds, if it holds up to some point and not after. */
export function lastWhere(test: (magnitude: bigint) => boolean, fits: bigint, end: bigint): bigint {
  let good = fits;
  let bad = end + 1n;
  while (bad - good > 1n) {
    const middle = (good + bad) >> 1n;
    if (test(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/**
 * Some magnitude at which a concave function of magnitudes is at least 0, or `undefined` if there is none. Below 0 at 0.
 *
 * Doubles the step while the function rises, then narrows down on the peak by the sign of its slope.
 */
export function findNonNegative(value: (magnitude: bigint) => bigint): bigint | undefined {
  let low = 0n;
  let before = value(0n);
  let high = 1n;
  for (; high <= largestSize; high *= 2n) {
    const now = value(high);
    if (now >= 0n) return high;
    // A step too small to move the eighth decimal is no peak.
    if (now < before && before - now > 16n) break;
    if (now > before) low = high / 2n;
    before = now > before ? now : before;
  }
  while (high - low > 2n) {
    const [a, b] = [low + (high - low) / 3n, high - (high - low) / 3n];
    const [atA, atB] = [value(a), value(b)];
    if (atA >= 0n) return a;
    if (atB >= 0n) return b;
    if (atA < atB) low = a;
    else high = b;
  }
  return undefined;
}
