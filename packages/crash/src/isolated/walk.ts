import { type IsolatedPosition, type IsolatedTerms, isolate, type Market, stepIsolated } from "./isolated.ts";

/** An account's collateral and what it held when the replay began. */
export interface Opening {
  readonly account: number;
  /** USD with 8 decimals. */
  readonly collateral: bigint;
  /** Units with 8 decimals, over all chains. */
  readonly sizes: readonly { readonly instrument: string; readonly size: bigint }[];
}

/** What became of one account with isolated margin. USD with 8 decimals. */
export interface IsolatedOutcome {
  readonly account: number;
  /** Put in beyond the account's collateral, for all its positions to have their initial margin. */
  readonly added: bigint;
  readonly liquidated: "none" | "part" | "whole";
  readonly discount: bigint;
  readonly deficit: bigint;
  readonly left: bigint;
}

/**
 * Walks isolated positions through a series of markets, the first of which they are opened in. A position on each chain is
 * one of its own, as it would be in a sub-account of its own.
 */
export function walkIsolated(
  openings: readonly Opening[],
  markets: readonly Market[],
  terms: IsolatedTerms,
): IsolatedOutcome[] {
  const [first, ...later] = markets;
  if (first === undefined) return [];
  return openings.map(({ account, collateral, sizes }) => {
    const opened = isolate(account, collateral, sizes, first);
    const ends = opened.positions.map((position) => walkOne(position, first, later, terms));
    const sum = (of: (end: (typeof ends)[number]) => bigint) => ends.reduce((total, end) => total + of(end), 0n);
    const sold = ends.filter((end) => end.sold !== "none");
    const whole = sold.length > 0 && ends.every(({ position }) => position.size === 0n);
    return {
      account,
      added: opened.added,
      liquidated: sold.length === 0 ? "none" : whole ? "whole" : "part",
      discount: sum((end) => end.discount),
      deficit: sum((end) => end.deficit),
      left: sum((end) => end.position.equity),
    };
  });
}

function walkOne(opened: IsolatedPosition, first: Market, later: readonly Market[], terms: IsolatedTerms) {
  let [position, before] = [opened, first];
  let sold: "none" | "part" | "whole" = "none";
  let [discount, deficit] = [0n, 0n];
  for (const market of later) {
    const step = stepIsolated(position, before, market, terms);
    if (step.sold !== "none") sold = step.sold;
    discount += step.discount;
    deficit += step.deficit;
    [position, before] = [step.position, market];
  }
  return { position, sold, discount, deficit };
}
