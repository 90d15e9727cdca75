import { z } from "@hono/zod-openapi";
import type { Address, Hex } from "viem";

// What clients may send. Hex is taken in any case and used in lowercase.

const hex = (bytes: number) => new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`);

export const bytes32 = z
  .string()
  .regex(hex(32), { error: "expected 0x and 64 hexadecimal digits" })
  .transform((text) => text.toLowerCase() as Hex)
  .openapi({ type: "string", pattern: hex(32).source });

export const address = z
  .string()
  .regex(hex(20), { error: "expected 0x and 40 hexadecimal digits" })
  .transform((text) => text.toLowerCase() as Address)
  .openapi({ type: "string", pattern: hex(20).source });

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, { error: "expected a whole number" })
    .transform(Number)
    .pipe(z.number().int().min(least).max(most));

export const eid = whole(1, 0xffff_ffff).openapi({ type: "integer", description: "LayerZero endpoint id" });
export const epochNumber = whole(1, Number.MAX_SAFE_INTEGER).openapi({ type: "integer" });
export const counterparties = whole(0, 32).openapi({
  type: "integer",
  description: "Of so many in the queue, from its front, leaves are given; default 16",
});
export const limit = whole(1, 200).openapi({
  type: "integer",
  description: "At most so many, newest first; default 50",
});

/** A list of bytes32, separated by commas. */
export const bytes32List = (most: number) =>
  z
    .string()
    .max(most * 67)
    .transform((text) => text.split(",").filter((part) => part !== ""))
    .pipe(z.array(bytes32).min(1).max(most))
    .openapi({ type: "string", description: `up to ${most}, separated by commas` });
