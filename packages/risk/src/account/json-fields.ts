import { z } from "zod";

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/;

/** A decimal in units of its last digit, or `undefined` if it is none or has more digits than that. */
export function amountOf(value: string | number, decimals: number): bigint | undefined {
  const [, sign, whole = "", rest = ""] = decimal.exec(String(value)) ?? [];
  if (sign === undefined || rest.length > decimals) return undefined;
  const units = BigInt(whole + rest.padEnd(decimals, "0"));
  return sign === "-" ? -units : units;
}

/** A decimal with at most 8 digits after the point, as an integer with 8 decimals. */
export const E8 = z.union([z.string(), z.number()]).transform((value, context) => {
  const units = amountOf(value, 8);
  if (units !== undefined) return units;
  context.addIssue(`"${value}" is no decimal with at most 8 digits after the point`);
  return z.NEVER;
});

/** Seconds since 1970, or a time in UTC such as 2026-03-31T08:00Z. */
export const instants = z.union([z.int(), z.string()]).transform((value, context) => {
  const seconds = typeof value === "number" ? value : Date.parse(value) / 1000;
  if (Number.isSafeInteger(seconds)) return seconds;
  context.addIssue(`"${value}" is no whole second since 1970 and no time such as 2026-03-31T08:00Z`);
  return z.NEVER;
});

/** A trade without its size. */
export const tradeKindSchema = z
  .strictObject({ chain: z.string(), instrument: z.string(), price: E8.optional() })
  .transform(({ chain, instrument, price }) => ({
    chain,
    instrument,
    ...(price === undefined ? {} : { priceE8: price }),
  }));

/** One hypothesis. Transfers keep their amount as it was written: it is in units that the asset knows. */
export const changeSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("trade"),
      chain: z.string(),
      instrument: z.string(),
      size: E8,
      price: E8.optional(),
    })
    .transform(({ price, ...trade }) => ({ ...trade, ...(price === undefined ? {} : { priceE8: price }) })),
  z.strictObject({
    kind: z.literal("transfer"),
    chain: z.string(),
    asset: z.string(),
    amount: z.union([z.string(), z.number()]),
  }),
  z.strictObject({
    kind: z.literal("move"),
    underlying: z.string(),
    priceBps: z.int().default(0),
    volatilityBps: z.int().default(0),
  }),
  z.strictObject({ kind: z.literal("time"), seconds: z.int().min(0) }),
]);
