import type { Eid } from "@plimsoll/protocol/ids";
import { PlimsollError } from "./plimsollError.ts";

export class UnknownChain extends PlimsollError {
  constructor(chain: Eid | string, known: readonly { eid: Eid; name: string }[]) {
    super(
      "UNKNOWN_CHAIN",
      `The deployment has no chain ${chain}.`,
      `It has ${known.map(({ eid, name }) => `${name} (eid ${eid})`).join(", ")}. Chains are named by LayerZero's eid, not by chain id.`,
    );
  }
}

/** What was given as a deployment is none. */
export class InvalidDeployment extends PlimsollError {
  constructor(problems: string, options?: ErrorOptions) {
    super(
      "INVALID_DEPLOYMENT",
      `Not a deployment: ${problems}`,
      "It lists every chain with eid, chainId, name, hub and contracts, as GET /v1/chains does.",
      options,
    );
  }
}

export class NoVault extends PlimsollError {
  constructor(name: string, withVault: readonly { eid: Eid; name: string }[]) {
    super(
      "NO_VAULT",
      `There is no collateral vault on ${name}.`,
      `Vaults are on ${withVault.map((chain) => `${chain.name} (eid ${chain.eid})`).join(", ")}.`,
    );
  }
}

export class NoMarket extends PlimsollError {
  constructor(name: string, withMarket: readonly { eid: Eid; name: string }[]) {
    super(
      "NO_MARKET",
      `There is no market on ${name}.`,
      `Markets are on ${withMarket.map((chain) => `${chain.name} (eid ${chain.eid})`).join(", ")}.`,
    );
  }
}

/** A chain has several markets and the caller named none of them. */
export class MarketNotNamed extends PlimsollError {
  constructor(name: string, markets: readonly string[]) {
    super("MARKET_NOT_NAMED", `${name} has several markets.`, `Name one as \`market\`: ${markets.join(", ")}.`);
  }
}

/** The named contract is none of the deployment's markets on that chain. */
export class UnknownMarket extends PlimsollError {
  constructor(market: string, name: string, markets: readonly string[]) {
    super(
      "UNKNOWN_MARKET",
      `${market} is no market on ${name}.`,
      markets.length > 0 ? `Markets there: ${markets.join(", ")}.` : "There is none on this chain.",
    );
  }
}
