import { z } from "zod";
import { statusSchema } from "./accountSchema.ts";
import { address, amount, bytes32, count, id } from "./primitives.ts";

const book = z.object({
  eid: id,
  consumer: address,
  account: bytes32,
  epoch: count,
  status: statusSchema,
  base: amount,
  maintenanceMargin: amount,
  cash: amount,
  positions: z.array(
    z.object({ instrument: bytes32, size: amount, mark: amount, notional: amount, active: z.boolean() }),
  ),
  gross: amount,
  grossLimit: amount,
  owed: amount,
  losses: z.array(amount),
  allotment: z.array(amount),
});

/** `GET /v1/liquidations` */
export const liquidationsSchema = z.array(book);

/**
 * A book that is to be sold, taken over or closed. USD and sizes with 8 decimals; the fields are explained at
 * `LiquidationJson` in `@plimsoll/protocol/wire`.
 */
export type Liquidation = z.output<typeof book>;
