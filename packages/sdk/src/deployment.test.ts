import { describe, expect, test } from "vitest";
import { address, chainsJson } from "../test/support/chains.ts";
import { getChain, getHub, getMarket, getVault } from "./deployment.ts";
import { MarketNotNamed, NoMarket, NoVault, UnknownChain, UnknownMarket } from "./errors/deployment.ts";

const deployment = { chains: chainsJson };

describe("a deployment", () => {
  test("default: chains by eid or name, their vault and market", () => {
    expect(getChain(deployment, 40001).name).toBe("alder");
    expect(getChain(deployment, "birch").eid).toBe(40002);
    expect(getHub(deployment).contracts.ledger).toBe(address("6"));
    expect(getVault(deployment, 40001)).toBe(address("3"));
    expect(getMarket(deployment, 40002, address("5"))).toBe(address("5"));
  });

  test("error: UnknownChain names those there are", () => {
    expect(() => getChain(deployment, 31337)).toThrow(UnknownChain);
    expect(() => getChain(deployment, "cedar")).toThrow(UnknownChain);
  });

  test("error: NoVault, NoMarket, MarketNotNamed, UnknownMarket", () => {
    expect(() => getVault(deployment, 40002)).toThrow(NoVault);
    expect(() => getMarket(deployment, 40001)).toThrow(NoMarket);
    expect(() => getMarket(deployment, 40002)).toThrow(MarketNotNamed);
    expect(() => getMarket(deployment, 40002, address("9"))).toThrow(UnknownMarket);
  });
});
