import { z } from "zod";
import { amount, bytes32 } from "./primitives.ts";

export const instrumentSchema = z.object({
  instrument: bytes32,
  status: z.int().min(0).max(2),
  mark: amount,
  notional: amount,
  charge: amount,
  settlement: amount,
  funding: amount,
  stressBps: z.int().min(0),
});

/** `GET /v1/instruments` */
export const instrumentsSchema = z.array(instrumentSchema);

/**
 * One unit of an instrument at the newest attested epoch, USD with 8 decimals. Status as in the contracts: 0 active, 1 may
 * only be reduced, 2 settled.
 */
export type ListedInstrument = z.output<typeof instrumentSchema>;
