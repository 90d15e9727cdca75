import type { Random } from "@plimsoll/protocol/simulation/random";

/** Chance of each fault at each occasion. Far beyond anything real. */
const chances = {
  "message-lost": 0.06,
  "message-repeated": 0.05,
  "message-late": 0.05,
  "answer-lost": 0.04,
  "crash-at-await": 0.0012,
  "slow-to-compute": 0.05,
  "crash-before-write": 0.003,
  "crash-mid-write": 0.003,
  "write-unsynced": 0.003,
  "crash-after-write": 0.004,
  "post-dropped": 0.15,
  "post-late": 0.15,
  "rpc-failed": 0.05,
  "rpc-stale": 0.05,
  "rpc-empty": 0.03,
  "rpc-contradictory": 0.03,
  "report-lost": 0.2,
  "report-repeated": 0.15,
  "report-late": 0.3,
  // Each one below is drawn every few hundred milliseconds.
  partition: 0.04,
  "clock-jump": 0.03,
  "clock-drift": 0.05,
  "index-lag": 0.07,
  "index-halted": 0.015,
  "operator-down": 0.03,
  "chain-halt": 0.03,
  "chain-clock-behind": 0.03,
  "gas-spike": 0.03,
  reorg: 0.12,
  // Drawn with every move of prices, where they move.
  "price-crash": 0.05,
  "feed-silent": 0.06,
  "volatility-changed": 0.1,
  "scenarios-changed": 0.03,
} as const;

/** Planned for a world as a whole. */
type WorldKind = "operators-apart" | "rotation";

export type FaultKind = keyof typeof chances | LieKind | WorldKind;

export type LieKind =
  | "lie-two-roots"
  | "lie-false-cut"
  | "lie-old-cut"
  | "lie-former-set"
  | "lie-left-out-epoch"
  | "lie-forged-result"
  | "lie-replay"
  | "lie-withheld"
  | "lie-signed-anything";

/** Decides what goes wrong, and counts it. */
export interface Faults {
  /** Whether this fault strikes now. Never once faults stopped. */
  strikes(kind: keyof typeof chances): boolean;
  count(kind: FaultKind): void;
  readonly counts: ReadonlyMap<FaultKind, number>;
  active: boolean;
}

/**
 * @param enabled kinds that this world knows: worlds that lack some reach further in the others.
 * @param onStrike hears of every one, right before its consequences.
 */
export function createFaults(
  random: Random,
  enabled: (kind: FaultKind) => boolean,
  onStrike: (kind: FaultKind) => void,
): Faults {
  const counts = new Map<FaultKind, number>();
  const count = (kind: FaultKind) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const faults: Faults = {
    active: true,
    counts,
    count,
    strikes(kind) {
      if (!faults.active || !random.chance(chances[kind]) || !enabled(kind)) return false;
      count(kind);
      onStrike(kind);
      return true;
    },
  };
  return faults;
}
