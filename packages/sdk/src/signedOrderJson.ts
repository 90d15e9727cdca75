import { z } from "zod";
import type { SignedOrder } from "./actions/signOrder.ts";
import { MalformedOrder } from "./errors/input.ts";
import { address, amount, bytes32, hex, id } from "./node/primitives.ts";

const schema = z.object({
  eid: id,
  market: address,
  order: z.object({
    account: bytes32,
    instrument: bytes32,
    size: amount,
    limitPrice: amount,
    expiry: amount,
    series: amount,
    salt: amount,
  }),
  signature: hex,
  digest: bytes32,
});

/**
 * A signed order as JSON text, to be sent to a counterparty or a matcher. Integers become decimal strings.
 * @example
 * await fetch(matcher, { method: "POST", body: signedOrderToJson(order) });
 */
export function signedOrderToJson(order: SignedOrder): string {
  return JSON.stringify(order, (_, field: unknown) => (typeof field === "bigint" ? field.toString() : field));
}

/**
 * A signed order from JSON text. The signature is not checked here: the market does, and `trade` simulates first.
 * @throws {MalformedOrder}
 * @example
 * const maker = signedOrderFromJson(await request.text());
 */
export function signedOrderFromJson(text: string): SignedOrder {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new MalformedOrder("it is no JSON", { cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new MalformedOrder(z.prettifyError(parsed.error), { cause: parsed.error });
  return parsed.data;
}
