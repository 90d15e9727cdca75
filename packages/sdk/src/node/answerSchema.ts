import { z } from "zod";
import { amount, bytes32, count } from "./primitives.ts";

const margin = z.object({
  standing: z.enum(["healthy", "below-initial", "liquidatable"]),
  base: amount,
  worst: amount,
  worstScenario: count,
  initialMargin: amount,
  maintenanceMargin: amount,
  /** By underlying, what positions cost in every scenario because they are large against their markets. */
  concentration: z.record(z.string(), amount),
});
const parts = z.array(z.object({ chain: z.string(), name: z.string(), margin: amount }));
const additiveGreeks = { vega: z.number(), theta: z.number(), rho: z.number() };
const moveBps = z.int().optional();

/** `POST /v1/accounts/:account/what-if` */
export const answerSchema = z.object({
  account: bytes32,
  epoch: count,
  margin,
  /** Where changes were supposed. */
  afterChanges: margin.optional(),
  difference: z.object({ base: amount, worst: amount, initialMargin: amount, maintenanceMargin: amount }).optional(),
  /** What initial margin is made of: the parts of each list sum to it. */
  drivers: z.object({
    bindingScenario: count,
    bindingExcess: amount,
    positions: parts,
    collateral: parts,
    chains: z.array(z.object({ chain: z.string(), margin: amount })),
  }),
  /** What the same positions would need each on its own. */
  isolated: z.object({ cross: amount, isolated: amount, saving: amount }),
  greeks: z.object({
    underlyings: z.record(z.string(), z.object({ delta: z.number(), gamma: z.number(), ...additiveGreeks })),
    total: z.object(additiveGreeks),
  }),
  /** Of the underlyings asked for: the nearest moves at which the account would be liquidatable. */
  liquidation: z.array(
    z.object({
      underlying: z.string(),
      nearest: z.array(z.object({ volatilityBps: z.int(), downBps: moveBps, upBps: moveBps })),
    }),
  ),
  /** Null where the account is below initial margin already. */
  largest: z
    .array(
      z.object({
        chain: z.string(),
        instrument: bytes32,
        side: z.enum(["buy", "sell"]),
        size: amount,
        unlimited: z.boolean(),
        margin,
      }),
    )
    .nullable()
    .optional(),
  /** Null where no single trade restores the account; absent where it needs none. */
  restoring: z
    .object({ chain: z.string(), instrument: bytes32, size: amount, cost: amount, notional: amount, margin })
    .nullable()
    .optional(),
});

/** An account as it is and as it would be. USD and sizes with 8 decimals; Greeks are doubles. */
export type Answer = z.output<typeof answerSchema>;
