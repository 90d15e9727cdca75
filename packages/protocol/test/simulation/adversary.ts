import { divDown, divUp, min } from "@plimsoll/risk/fixed-point";
import { portfolioValuesE16 } from "@plimsoll/risk/portfolio";
import { type CheckedAgainst, checkPortfolioChange } from "../../src/consumer-check.ts";
import { instrumentStatus } from "../../src/epoch.ts";
import { ProtocolError } from "../../src/errors.ts";
import type { InstrumentId } from "../../src/ids.ts";
import type { Portfolio } from "../../src/state.ts";
import { instruments, oneUsd, perpetuals } from "./market.ts";
import type { Random } from "./random.ts";

/** The portfolio after a trade that somebody who wants to lose as much as possible makes, or null if he finds none. */
export function adversarialChange(random: Random, before: Portfolio, against: CheckedAgainst): Portfolio | null {
  // Somebody has to win now and then, or nobody has anything left to lose.
  if (random.chance(0.1)) return { ...before, cash: before.cash + BigInt(random.below(300)) * oneUsd };
  if (random.chance(0.2)) {
    const after = settle(before, against);
    if (after !== null) return after;
  }
  const wanted = random.chance(0.15) ? burnCash(random, before, against) : randomTrade(random, before, against);
  if (wanted === null) return null;
  let share = 1n;
  for (let attempt = 0; attempt < 4; attempt++) {
    const after = scaled(before, wanted, share);
    try {
      if (checkPortfolioChange(before, after, against).allowed) return after;
    } catch (error) {
      if (error instanceof ProtocolError) return null;
      throw error;
    }
    share *= 3n;
  }
  return null;
}

/** Long or short. */
export type Side = 1n | -1n;

/** The portfolio after taking about as large a position at the mark as the allotment lets it, or null. */
export function largestChange(
  random: Random,
  before: Portfolio,
  against: CheckedAgainst,
  side?: Side,
): Portfolio | null {
  const id = random.pick(perpetuals);
  const prices = against.instruments.get(id);
  if (prices === undefined || !known(before, against)) return null;
  const sign = side ?? (random.chance(0.5) ? 1n : -1n);
  for (let dollars = 64_000n; dollars > 60n; dollars /= 2n) {
    const change = (sign * dollars * oneUsd * oneUsd) / prices.notional;
    const positions = new Map(before.positions).set(id, (before.positions.get(id) ?? 0n) + change);
    const after = { cash: before.cash - divUp(change * (prices.mark - prices.funding), oneUsd), positions };
    if (positions.get(id) !== 0n && checkPortfolioChange(before, after, against).allowed) return after;
  }
  return null;
}

/** The portfolio after paying away all, or a third, of what the allotment lets go, or null. */
export function largestLoss(random: Random, before: Portfolio, against: CheckedAgainst): Portfolio | null {
  const after = burnCash(random, before, against);
  return after !== null && checkPortfolioChange(before, after, against).allowed ? after : null;
}

/** What anybody may do for anybody once a leaf says settled: a position becomes cash, rounded down, without a check. */
function settle(before: Portfolio, { instruments: leaves }: CheckedAgainst): Portfolio | null {
  for (const [id, size] of before.positions) {
    const leaf = leaves.get(id);
    if (leaf?.status !== instrumentStatus.settled) continue;
    const positions = new Map(before.positions);
    positions.delete(id);
    return { cash: before.cash + divDown(size * (leaf.settlement - leaf.funding), oneUsd), positions };
  }
  return null;
}

/** The way from one portfolio to another, only a share of it. */
function scaled(before: Portfolio, after: Portfolio, share: bigint): Portfolio {
  if (share === 1n) return after;
  const positions = new Map<InstrumentId, bigint>();
  for (const id of instruments) {
    const held = before.positions.get(id) ?? 0n;
    const size = held + ((after.positions.get(id) ?? 0n) - held) / share;
    if (size !== 0n) positions.set(id, size);
  }
  return { cash: before.cash + (after.cash - before.cash) / share, positions };
}

/** Pays away all that the allotment lets go, to the last cent. */
function burnCash(random: Random, before: Portfolio, against: CheckedAgainst): Portfolio | null {
  const { allotment } = against;
  if (allotment === null || !known(before, against)) return null;
  const holdings = Array.from(before.positions, ([id, size]) => {
    const instrument = against.instruments.get(id);
    return instrument ? [{ size, instrument }] : [];
  }).flat();
  const room = portfolioValuesE16(before.cash, holdings, against.scenarios).map((value, s) =>
    divDown(value + (allotment.losses[s] ?? 0n) * oneUsd, oneUsd),
  );
  const least = room.reduce((a, b) => min(a, b));
  if (least <= 0n) return null;
  const share = random.chance(0.7) ? 1n : 3n;
  return { cash: before.cash - divUp(least, share), positions: before.positions };
}

function known(portfolio: Portfolio, against: CheckedAgainst): boolean {
  return [...portfolio.positions.keys()].every((id) => against.instruments.has(id));
}

/** Opens, grows, flips or closes a position, at a price anywhere near the mark. */
function randomTrade(random: Random, before: Portfolio, against: CheckedAgainst): Portfolio | null {
  // What is held is what most can be done with.
  const held0 = [...before.positions.keys()];
  const id = held0.length > 0 && random.chance(0.4) ? random.pick(held0) : random.pick(instruments);
  const prices = against.instruments.get(id);
  if (prices === undefined) return null;
  const held = before.positions.get(id) ?? 0n;
  let change = -held;
  if (random.chance(0.35)) change = -2n * held;
  if (held === 0n || random.chance(0.4)) {
    const dollars = BigInt(Math.floor(10 ** (1 + 3.5 * random.unit())));
    change = ((random.chance(0.5) ? 1n : -1n) * dollars * oneUsd * oneUsd) / prices.notional;
  }
  const skewBps = random.chance(0.5) ? 0n : BigInt(random.below(1200) - 600);
  const price = (prices.mark * (10_000n + skewBps)) / 10_000n;
  const positions = new Map(before.positions);
  if (held + change === 0n) positions.delete(id);
  else positions.set(id, held + change);
  return { cash: before.cash - divUp(change * (price - prices.funding), oneUsd), positions };
}
