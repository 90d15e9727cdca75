import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";

/** What was learnt of books by trying: it holds while the nodes still tell them as they were. */
export interface Tries {
  /** The largest part worth trying; undefined: any. */
  most(book: Liquidation): bigint | undefined;
  /** So much is sold, and the nodes do not know yet. */
  sold(book: Liquidation): void;
  /** So large a part was refused: half of it is next, until the next epoch. */
  refused(book: Liquidation, fraction: bigint): void;
}

interface Learnt {
  readonly gross: bigint;
  readonly epoch: number;
  readonly most: bigint;
}

/** A sale that no epoch shows by then was taken back by its chain. */
const unseenEpochs = 5;

/** @example const tries = createTries(({ eid, account }) => `${eid}:${account}`); */
export function createTries(keyOf: (book: Liquidation) => string): Tries {
  const learnt = new Map<string, Learnt>();
  const learn = (book: Liquidation, most: bigint) =>
    learnt.set(keyOf(book), { gross: book.gross, epoch: book.epoch, most });
  return {
    most(book) {
      const last = learnt.get(keyOf(book));
      if (last === undefined) return undefined;
      const holds =
        last.most === 0n
          ? last.gross === book.gross && book.epoch < last.epoch + unseenEpochs
          : last.epoch === book.epoch;
      if (!holds) learnt.delete(keyOf(book));
      return holds ? last.most : undefined;
    },
    sold: (book) => void learn(book, 0n),
    refused: (book, fraction) => void learn(book, fraction / 2n),
  };
}
