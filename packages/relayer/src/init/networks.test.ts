import { getAddress } from "viem";
import * as known from "viem/chains";
import { describe, expect, test } from "vitest";
import { networks } from "./networks.ts";

describe("networks", () => {
  test.each(networks)("default: $name has a checksummed endpoint, and the chain id that others know", (network) => {
    const { name, chainId, endpoint, eid } = network;
    expect(getAddress(endpoint.toLowerCase())).toBe(endpoint);
    const chain = Object.values(known).find(({ id }) => id === chainId);
    expect(chain, name).toBeDefined();
    // 30101 is a main network, 40161 a test network.
    expect(Math.floor(eid / 10_000)).toBe(chain?.testnet === true ? 4 : 3);
  });

  test("behavior: no name, eid or chain id twice", () => {
    for (const key of ["name", "eid", "chainId"] as const) {
      expect(new Set(networks.map((network) => network[key])).size).toBe(networks.length);
    }
  });
});
