import { seededRandom } from "@plimsoll/chaos/random";
import { parseUnits } from "viem";

/** How a member of the population stands in the market. */
type Kind = "long" | "short" | "netted" | "spread" | "put seller";

/** One position to be opened: so many times the account's collateral, negative for a short. */
export interface Leg {
  readonly market: "birch" | "cedar";
  readonly instrument: string;
  readonly underlying: "BTC" | "ETH";
  readonly times: number;
}

/** One margin account before it has traded. */
export interface Member {
  /** Of its owner's sub-accounts. */
  readonly number: number;
  readonly kind: Kind;
  /** Notional of all positions over the collateral. */
  readonly leverage: number;
  /** USDC with 6 decimals. */
  readonly deposit: bigint;
  readonly vault: "alder" | "birch";
  /** Opened one round after the other, an epoch apart: what nets makes room for more. */
  readonly rounds: readonly (readonly Leg[])[];
}

interface Strategy {
  readonly kind: Kind;
  /** The first round; further ones repeat it. */
  readonly legs: readonly Leg[];
  readonly rounds: number;
}

/** Half of the position on each chain, for each has half of a new account's allotment. */
function onBoth(kind: Kind, underlying: "BTC" | "ETH", instrument: string, times: number): Strategy {
  const half = times / 2;
  const legs = (["birch", "cedar"] as const).map((market) => ({ market, instrument, underlying, times: half }));
  return { kind, legs, rounds: 1 };
}

/** Long on birch what is short on cedar, of the same coin or of another. */
function hedged(kind: Kind, long: "BTC" | "ETH", short: "BTC" | "ETH", times: number, rounds: number): Strategy {
  const leg = (market: "birch" | "cedar", underlying: "BTC" | "ETH", size: number): Leg => ({
    market,
    instrument: `${underlying}-PERP`,
    underlying,
    times: size,
  });
  return { kind, legs: [leg("birch", long, times), leg("cedar", short, -times)], rounds };
}

/** What the devnet's margin, of a fall by a quarter in bitcoin and by nearly a third in ether, lets be opened. */
const strategies: readonly [Strategy, ...Strategy[]] = [
  onBoth("long", "BTC", "BTC-PERP", 3.4),
  onBoth("long", "ETH", "ETH-PERP", 2.7),
  hedged("netted", "BTC", "BTC", 1.4, 2),
  onBoth("long", "BTC", "BTC-PERP", 2),
  hedged("spread", "ETH", "BTC", 1.2, 2),
  onBoth("long", "ETH", "ETH-PERP", 2),
  onBoth("short", "BTC", "BTC-PERP", -3.2),
  onBoth("long", "BTC", "BTC-PERP", 1),
  hedged("netted", "ETH", "ETH", 1.1, 2),
  onBoth("put seller", "ETH", "ETH-WEEK-4000-P", -2),
  onBoth("long", "ETH", "ETH-PERP", 1),
  onBoth("short", "ETH", "ETH-PERP", -2),
];

const leastDollars = 5_000;
const mostDollars = 40_000;

/**
 * Draws the accounts of a run: the same from the same seed. Strategies come in turn, so that every run has each of them;
 * sizes and vaults are drawn.
 *
 * @example
 * const members = drawPopulation(24, 7);
 */
export function drawPopulation(count: number, seed: number): Member[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index): Member => {
    const { kind, legs, rounds } = strategies[index % strategies.length] ?? strategies[0];
    return {
      number: index + 1,
      kind,
      leverage: Math.round(10 * rounds * legs.reduce((sum, { times }) => sum + Math.abs(times), 0)) / 10,
      deposit: parseUnits(String(random.whole(leastDollars / 100, mostDollars / 100) * 100), 6),
      vault: random.share() < 0.5 ? "alder" : "birch",
      rounds: Array.from({ length: rounds }, () => legs),
    };
  });
}
