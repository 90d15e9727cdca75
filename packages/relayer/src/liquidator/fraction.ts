import { abs, divUp, max, min, oneE8 } from "@plimsoll/risk/fixed-point";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";

/** All of a book, as contracts write fractions. */
export const whole = 10n ** 18n;

/** A book of no more notional may be sold whole, USD with 8 decimals: `MarketLiquidation.DUST`. */
const dust = 1_000n * oneE8;

/** How much more somebody may take at one market: one entry a scenario, USD with 8 decimals. */
export interface Room {
  /** What may still be lost. */
  readonly losses: readonly bigint[];
  /** Notional that may still be added. */
  readonly gross: bigint;
}

/** What is taken when a fraction of a book is. USD with 8 decimals. */
export interface Part {
  readonly fraction: bigint;
  /** Notional, rounded up. */
  readonly notional: bigint;
  /** The most that it can lose from mark in any scenario, charges left out, rounded down. */
  readonly risk: bigint;
  /** What whoever takes it at mark loses in each scenario, rounded up: negative where it gains. */
  readonly losses: readonly bigint[];
}

type Book = Pick<Liquidation, "gross" | "grossLimit" | "owed" | "losses" | "allotment" | "positions">;

/**
 * The largest part of a liquidatable account's book that the market will sell to a taker with so much room: no more than
 * leaves the target (dust apart), no more than leaves the account within its allotment, or no worse, in every scenario,
 * and no more than the taker may lose. 0 if there is none.
 *
 * Charges and what nets against the taker's own positions are left out of account, as are positions that stay because
 * their instruments are not active: the market's own check has the last word, and may refuse what this allows.
 *
 * @example
 * const fraction = largestFraction(book, room);
 */
export function largestFraction(book: Book, room: Room): bigint {
  const { gross, grossLimit, owed, losses, allotment } = book;
  if (gross === 0n || activeGross(book) === 0n) return 0n;
  let fraction = gross <= dust ? whole : shareOf(gross - grossLimit, activeGross(book));
  fraction = min(fraction, shareOf(room.gross, activeGross(book)));
  for (const [s, loss] of losses.entries()) {
    // Selling f at mark moves the loss from `loss` to `loss + f (owed - loss)`: what it gained here is given up.
    const givesUp = owed - loss;
    if (givesUp > 0n) fraction = min(fraction, shareOf(max(0n, (allotment[s] ?? loss) - loss), givesUp));
    else if (givesUp < 0n) fraction = min(fraction, shareOf(room.losses[s] ?? 0n, -givesUp));
  }
  return fraction;
}

/** What a fraction of a book is. */
export function partOf(book: Book, fraction: bigint): Part {
  const { owed, losses } = book;
  const fromMark = losses.map((loss) => loss - owed);
  // The charges are the same in all scenarios: the base has nothing else.
  const [charges = 0n] = fromMark;
  const most = fromMark.reduce((largest, loss) => max(largest, loss), charges);
  return {
    fraction,
    notional: divUp(activeGross(book) * fraction, whole),
    risk: ((most - charges) * fraction) / whole,
    losses: fromMark.map((loss) => divUp(loss * fraction, whole)),
  };
}

/** The room that is left once a part was taken. */
export function roomAfter(room: Room, part: Part): Room {
  return {
    losses: room.losses.map((left, s) => left - (part.losses[s] ?? 0n)),
    gross: room.gross - part.notional,
  };
}

function activeGross({ positions }: Book): bigint {
  return positions.reduce((sum, { notional, active }) => (active ? sum + abs(notional) : sum), 0n);
}

/** `part` of `all` as a fraction within 0 and 1, rounded down. */
function shareOf(part: bigint, all: bigint): bigint {
  if (part <= 0n) return 0n;
  return min(whole, (part * whole) / all);
}
