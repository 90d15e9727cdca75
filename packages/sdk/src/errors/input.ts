import { PlimsollError } from "./plimsollError.ts";

export class InvalidAmount extends PlimsollError {
  constructor(given: string, decimals: number) {
    super(
      "INVALID_AMOUNT",
      `Not an amount: "${given}".`,
      `Give a decimal number with at most ${decimals} digits after the point, such as 1250.5; no thousands separators.`,
    );
  }
}

/** Two orders that were signed for different chains or markets cannot meet. */
export class OrdersOfDifferentMarkets extends PlimsollError {
  constructor(maker: string, taker: string) {
    super(
      "ORDERS_OF_DIFFERENT_MARKETS",
      `The maker signed for ${maker}, the taker for ${taker}.`,
      "An order can be filled only on the chain and market that it was signed for. Sign one of them again.",
    );
  }
}

/** A batch without a pair of orders. */
export class NoFills extends PlimsollError {
  constructor() {
    super("NO_FILLS", "There is nothing to trade.", "Name at least one maker's and one taker's order.");
  }
}

export class InvalidPrivateKey extends PlimsollError {
  constructor() {
    super("INVALID_PRIVATE_KEY", "Not a private key.", "Give 0x and 64 hexadecimal digits. The key is never logged.");
  }
}

export class MalformedOrder extends PlimsollError {
  constructor(reason: string, options?: ErrorOptions) {
    super("MALFORMED_ORDER", `Not a signed order: ${reason}.`, "Expected is what signedOrderToJson writes.", options);
  }
}
