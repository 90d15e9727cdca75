import { divUp, oneE8 } from "@plimsoll/risk/fixed-point";
import { grossNotionalE16, type Holding, portfolioValuesE16 } from "@plimsoll/risk/portfolio";
import { type Allotment, accountStatus, type InstrumentPrices, instrumentStatus } from "./epoch.ts";
import { NoSuchLeaf } from "./errors.ts";
import type { InstrumentId } from "./ids.ts";
import type { Portfolio } from "./state.ts";

/** What a consumer contract checks a change against: one posted epoch's leaves. */
export interface CheckedAgainst {
  readonly epoch: number;
  readonly instruments: ReadonlyMap<InstrumentId, InstrumentPrices>;
  /** Null: the account has no leaf, or the attestation has expired; it may only reduce. */
  readonly allotment: Allotment | null;
  readonly scenarios: number;
  /**
   * The account is insolvent and is being taken from its owner. Else such an account's leaf allots nothing: it says at what
   * price the account may be taken, and is nothing for its owner to lose.
   */
  readonly seized?: boolean;
}

export type PortfolioChangeVerdict =
  | { readonly allowed: true }
  /** The instrument is reduce-only or settled, and the change would open, enlarge or turn a position in it. */
  | { readonly allowed: false; readonly reason: "instrument-reduce-only"; readonly instrument: InstrumentId }
  /** The account has no leaf there, or the epoch has expired, and the change loses in that scenario. */
  | { readonly allowed: false; readonly reason: "only-reductions-allowed"; readonly scenario: number }
  /** `excess`: by how much the loss in that scenario is over the allotment, USD with 8 decimals, rounded up. */
  | {
      readonly allowed: false;
      readonly reason: "allotment-exceeded";
      readonly scenario: number;
      readonly excess: bigint;
    }
  /** USD with 8 decimals; `gross` rounded up. */
  | {
      readonly allowed: false;
      readonly reason: "gross-limit-exceeded";
      readonly gross: bigint;
      readonly grossLimit: bigint;
    };

/**
 * The rule of `MarginConsumer`, as the contract applies it to every change of an account's cash or positions:
 *
 *     value[s] = cash + sum(size * price[s]) - sum(|size| * charge)
 *     allowed iff for every s: -value'[s] <= allotment[s] or value'[s] >= value[s],
 *             and gross' <= grossLimit or gross' <= gross,
 *             and a position in an instrument that is not active only shrinks towards zero.
 *
 * An insolvent account's allotment counts only for whoever takes the account from its owner.
 *
 * @throws {NoSuchLeaf} when an instrument held before or after has no leaf: the contract reverts with MissingInstrument.
 * @example checkPortfolioChange(before, after, { epoch, instruments, allotment, scenarios: 31 }).allowed
 */
export function checkPortfolioChange(
  before: Portfolio,
  after: Portfolio,
  against: CheckedAgainst,
): PortfolioChangeVerdict {
  const { scenarios } = against;
  const allotment = reliedOn(against);
  const holdingsBefore = holdingsOf(before, against);
  const holdingsAfter = holdingsOf(after, against);
  for (const [instrument, size] of after.positions) {
    if (against.instruments.get(instrument)?.status === instrumentStatus.active) continue;
    if (!shrinks(before.positions.get(instrument) ?? 0n, size)) {
      return { allowed: false, reason: "instrument-reduce-only", instrument };
    }
  }
  const valuesBefore = portfolioValuesE16(before.cash, holdingsBefore, scenarios);
  const valuesAfter = portfolioValuesE16(after.cash, holdingsAfter, scenarios);
  for (let scenario = 0; scenario < scenarios; scenario++) {
    const value = valuesAfter[scenario] ?? 0n;
    if (value >= (valuesBefore[scenario] ?? 0n)) continue;
    if (allotment === null) return { allowed: false, reason: "only-reductions-allowed", scenario };
    const excess = -value - (allotment.losses[scenario] ?? 0n) * oneE8;
    if (excess > 0n) return { allowed: false, reason: "allotment-exceeded", scenario, excess: divUp(excess, oneE8) };
  }
  const gross = grossNotionalE16(holdingsAfter);
  const grossLimit = allotment?.grossLimit ?? 0n;
  if (gross > grossLimit * oneE8 && gross > grossNotionalE16(holdingsBefore)) {
    return { allowed: false, reason: "gross-limit-exceeded", gross: divUp(gross, oneE8), grossLimit };
  }
  return { allowed: true };
}

function reliedOn({ allotment, seized = false }: CheckedAgainst): Allotment | null {
  return allotment?.status === accountStatus.insolvent && !seized ? null : allotment;
}

/** Towards zero and not past it, or not at all. */
function shrinks(before: bigint, after: bigint): boolean {
  return before < 0n ? before <= after && after <= 0n : 0n <= after && after <= before;
}

function holdingsOf(portfolio: Portfolio, { instruments, epoch }: CheckedAgainst): Holding[] {
  return Array.from(portfolio.positions, ([id, size]) => {
    const instrument = instruments.get(id);
    if (instrument === undefined) throw new NoSuchLeaf(`instrument ${id}`, epoch);
    return { size, instrument };
  });
}
