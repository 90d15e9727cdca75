import { type Epoch, type InstrumentPrices, instrumentStatus } from "../epoch.ts";
import { MissingEarlierEpoch } from "../errors.ts";
import type { Eid, InstrumentId } from "../ids.ts";
import { emptyRoot } from "../merkle.ts";
import type { ChainState } from "../state.ts";
import { type Book, makeBook } from "./books.ts";
import { type Drift, driftBetween } from "./drift.ts";

/** One epoch that may have ruled a chain since the cut. */
export interface Step {
  readonly epoch: Epoch;
  readonly book: Book;
  /** From the step before; null at the first. */
  readonly drift: Drift | null;
}

/** All that may have ruled a chain from the cut until now, in order, and how today's prices lie from it. */
export interface Path {
  readonly steps: readonly Step[];
  readonly today: Book;
  /** From the last step to today; null without steps. */
  readonly drift: Drift | null;
  /** Instruments that may have been settled meanwhile: a position in one became cash, rounded to the last digit. */
  readonly settling: ReadonlySet<InstrumentId>;
  readonly onlyShrunk: ReadonlySet<InstrumentId>;
  /** The largest figure of each instrument in any of the books, in double precision. */
  readonly largest: ReadonlyMap<InstrumentId, number>;
}

/** How a path is reckoned. The transition uses `soundPathRule`. */
export interface PathRule {
  readonly epochs: (chain: ChainState, earlier: readonly Epoch[]) => readonly Epoch[];
  readonly drift: (from: Book, to: Book, onlyShrunk: ReadonlySet<InstrumentId>) => Drift;
  /** Instruments that no position can have grown in while any of these epochs ruled. */
  readonly onlyShrunk: (epochs: readonly Epoch[]) => ReadonlySet<InstrumentId>;
  /** Those under which an exit may happen at a chain's vault after the cut. */
  readonly exits: (chain: ChainState, earlier: readonly Epoch[]) => readonly Epoch[];
  /** So many epochs may speak to a chain from one and the same cut block. */
  readonly mostEpochsPerBlock: number;
}

/** Whether an epoch has a leaf for a chain. Without one nothing can be proven there, so nothing can change under it. */
export function speaksTo(epoch: Pick<Epoch, "chainRoots">, eid: Eid): boolean {
  return (epoch.chainRoots.get(eid) ?? emptyRoot) !== emptyRoot;
}

/**
 * Whether an epoch must say nothing to a chain, because enough earlier ones already spoke to it from the same cut block.
 *
 * The clock of a chain that has stalled stands still, so no epoch ever expires there, and each that speaks to it has
 * to be reckoned with until it moves again. This bounds their number.
 */
export function mustBeSilent({ block }: ChainState, earlier: readonly Epoch[], mostEpochsPerBlock: number): boolean {
  const spoken = earlier.filter(
    (epoch) =>
      speaksTo(epoch, block.eid) && epoch.cut.some(({ eid, number }) => eid === block.eid && number === block.number),
  );
  return spoken.length >= mostEpochsPerBlock;
}

/** Whether an epoch is the one that a chain has taken. Where two have its number and its root, they say the same. */
export function isPosted(
  { postedEpoch, postedRoot }: Pick<ChainState, "postedEpoch" | "postedRoot">,
  { header }: Pick<Epoch, "header">,
): boolean {
  return header.epoch === postedEpoch && header.root === postedRoot;
}

/**
 * The epochs that can have ruled a chain since the cut, ascending: the one posted at the cut, for contracts there act
 * on it (only to reduce, once it has expired), and every later one that could still be posted. Blocks after the cut
 * are no earlier than the cut block, so an epoch that had expired by its timestamp cannot. One that has no leaf for the
 * chain changes nothing there.
 * @throws {MissingEarlierEpoch} when the posted epoch is not among `earlier`.
 */
export function epochsToReckonWith(chain: ChainState, earlier: readonly Epoch[]): readonly Epoch[] {
  const posted = chain.postedEpoch;
  if (posted !== null && !earlier.some((epoch) => isPosted(chain, epoch))) {
    throw new MissingEarlierEpoch(posted, chain.block.eid);
  }
  return earlier.filter((epoch) => {
    const { header } = epoch;
    if (posted !== null && header.epoch <= posted) return isPosted(chain, epoch);
    return chain.block.timestampSeconds < header.expiresAt && speaksTo(epoch, chain.block.eid);
  });
}

/**
 * Instruments in which, whichever of the epochs ruled, positions could only shrink towards zero: in each of them reduce-only,
 * settled, or without a leaf. So nobody holds more of one than at the cut, nor on the other side.
 */
export function onlyShrunkUnder(epochs: readonly Epoch[]): ReadonlySet<InstrumentId> {
  const ids = new Set(epochs.flatMap(({ instruments }) => [...instruments.keys()]));
  for (const { instruments } of epochs) {
    for (const [id, { status }] of instruments) if (status === instrumentStatus.active) ids.delete(id);
  }
  return ids;
}

export const soundPathRule: PathRule = {
  epochs: epochsToReckonWith,
  drift: driftBetween,
  onlyShrunk: onlyShrunkUnder,
  // As a contract acts on the epoch posted there, a vault pays exits by it.
  exits: epochsToReckonWith,
  // Finality may come in steps of many minutes; an hour of epochs a minute apart is well inside.
  mostEpochsPerBlock: 64,
};

/** Number of scenarios that an epoch was computed with. */
export function scenariosOf(epoch: Epoch): number {
  for (const { prices } of epoch.instruments.values()) return prices.length;
  for (const chain of epoch.chains.values()) {
    for (const allotments of chain.allotments.values()) {
      for (const { losses } of allotments.values()) return losses.length;
    }
  }
  return 1;
}

/** A chain's path to today's prices. */
export function makePath(
  chain: ChainState,
  earlier: readonly Epoch[],
  today: ReadonlyMap<InstrumentId, InstrumentPrices>,
  scenarios: number,
  rule: PathRule,
): Path {
  const epochs = rule.epochs(chain, earlier);
  const onlyShrunk = rule.onlyShrunk(epochs);
  const steps: Step[] = [];
  let before: Book | null = null;
  for (const epoch of epochs) {
    const book = makeBook(epoch.instruments, scenariosOf(epoch), before);
    steps.push({ epoch, book, drift: before && rule.drift(before, book, onlyShrunk) });
    before = book;
  }
  const settling = new Set<InstrumentId>();
  for (const { instruments } of epochs) {
    for (const [id, { status }] of instruments) if (status === instrumentStatus.settled) settling.add(id);
  }
  const todayBook = makeBook(today, scenarios, before);
  const largest = new Map<InstrumentId, number>();
  for (const book of [...steps.map((step) => step.book), todayBook]) {
    for (const [id, entry] of book.entries) largest.set(id, Math.max(largest.get(id) ?? 0, entry.largest));
  }
  const drift = before && rule.drift(before, todayBook, onlyShrunk);
  return { steps, today: todayBook, drift, settling, onlyShrunk, largest };
}
