import { z } from "zod";
import { address, amount, bytes32, count, id } from "./primitives.ts";

export const statusSchema = z.enum(["active", "reduce-only", "liquidatable", "insolvent"]);

const collateral = z.object({
  eid: id,
  vault: address,
  asset: address,
  underlying: bytes32,
  decimals: count,
  held: amount,
  counted: amount,
  inFlight: amount,
  requestedTotal: amount,
  approvedTotal: amount,
  exitTotal: amount,
  withdrawnTotal: amount,
  value: amount,
});

const portfolio = z.object({
  eid: id,
  consumer: address,
  cash: amount,
  positions: z.array(z.object({ instrument: bytes32, size: amount, mark: amount, value: amount })),
  losses: z.array(amount),
  allotment: z.object({ status: statusSchema, grossLimit: amount, losses: z.array(amount) }).nullable(),
  postedEpoch: count.nullable(),
});

/** `GET /v1/accounts/:account` */
export const accountSchema = z.object({
  account: bytes32,
  epoch: count,
  status: statusSchema,
  collateral: z.array(collateral),
  portfolios: z.array(portfolio),
  values: z.array(amount),
  base: amount,
  worst: amount,
  worstScenario: count,
  initialMargin: amount,
  maintenanceMargin: amount,
  /** Taken out of the account's values because positions are large against their markets. */
  concentration: amount,
});

/**
 * An account as one portfolio. USD with 8 decimals, tokens in their own decimals; the fields are explained at
 * `AccountJson` in `@plimsoll/protocol/wire`.
 */
export type Account = z.output<typeof accountSchema>;
export type Collateral = z.output<typeof collateral>;
export type ConsumerPortfolio = z.output<typeof portfolio>;
