import { z } from "@hono/zod-openapi";
import { address, bytes32 } from "./parameters.ts";

// What may be asked of an account, and the answer. Bounded: whoever asks must not be able to make the node work for long.

const integer = z
  .string()
  .regex(/^-?[0-9]{1,30}$/, { error: "expected a decimal integer of at most 30 digits" })
  .transform(BigInt)
  .openapi({ type: "string", pattern: "^-?[0-9]{1,30}$" });
const eid = z.int().min(1).max(0xffff_ffff);
const moveBps = z.int().min(-9_999).max(1_000_000).default(0);
const price = integer.optional().openapi({ type: "string", description: "USD a unit, 8 decimals; the mark if absent" });
const trade = { eid, consumer: address, instrument: bytes32, price };

const changeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("trade"), ...trade, size: integer }),
  z.strictObject({ kind: z.literal("transfer"), eid, asset: address, amount: integer }),
  z.strictObject({ kind: z.literal("move"), underlying: bytes32, priceBps: moveBps, volatilityBps: moveBps }),
  z.strictObject({ kind: z.literal("time"), seconds: z.int().min(0).max(315_360_000) }),
]);
const tradeSchema = z.strictObject(trade);

export const questionSchema = z
  .strictObject({
    changes: z.array(changeSchema).max(16).default([]).openapi({ description: "Supposed one after the other." }),
    largest: z.array(tradeSchema).max(4).default([]).openapi({ description: "Trades whose largest size is wanted." }),
    restore: z
      .array(tradeSchema)
      .min(1)
      .max(8)
      .optional()
      .openapi({ description: "Trades among which the cheapest that restores the account is looked for." }),
    liquidation: z
      .array(bytes32)
      .max(1)
      .default([])
      .openapi({ description: "An underlying, to be told how far it has to move to have the account liquidated." }),
  })
  .openapi("Question");

const amount = z.string().openapi({ pattern: "^-?[0-9]+$", description: "A decimal integer." });
const margin = z.object({
  standing: z.enum(["healthy", "below-initial", "liquidatable"]),
  base: amount,
  worst: amount,
  worstScenario: z.int(),
  initialMargin: amount,
  maintenanceMargin: amount,
  concentration: z.record(z.string(), amount),
});
const parts = z.array(z.object({ chain: z.string(), name: z.string(), margin: amount }));
const greeks = { vega: z.number(), theta: z.number(), rho: z.number() };
const bound = z.int().optional();

export const answerSchema = z
  .object({
    account: z.string(),
    epoch: z.int(),
    margin,
    afterChanges: margin.optional(),
    difference: z.object({ base: amount, worst: amount, initialMargin: amount, maintenanceMargin: amount }).optional(),
    drivers: z.object({
      bindingScenario: z.int(),
      bindingExcess: amount,
      positions: parts,
      collateral: parts,
      chains: z.array(z.object({ chain: z.string(), margin: amount })),
    }),
    isolated: z.object({ cross: amount, isolated: amount, saving: amount }),
    greeks: z.object({
      underlyings: z.record(z.string(), z.object({ delta: z.number(), gamma: z.number(), ...greeks })),
      total: z.object(greeks),
    }),
    liquidation: z.array(
      z.object({
        underlying: z.string(),
        nearest: z.array(z.object({ volatilityBps: z.int(), downBps: bound, upBps: bound })).readonly(),
      }),
    ),
    largest: z
      .array(
        z.object({
          chain: z.string(),
          instrument: z.string(),
          side: z.enum(["buy", "sell"]),
          size: amount,
          unlimited: z.boolean(),
          margin,
        }),
      )
      .nullable()
      .optional()
      .openapi({ description: "null where the account is below initial margin already." }),
    restoring: z
      .object({ chain: z.string(), instrument: z.string(), size: amount, cost: amount, notional: amount, margin })
      .nullable()
      .optional()
      .openapi({ description: "null where no single trade restores the account; absent where it needs none." }),
  })
  .openapi("Answer");

export type Question = z.output<typeof questionSchema>;
export type Answer = z.input<typeof answerSchema>;
