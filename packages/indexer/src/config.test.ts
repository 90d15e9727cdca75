import { describe, expect, test } from "vitest";
import { z } from "zod";
import { chainConfigSchema, chainsConfigSchema } from "./config.ts";

const checksummed = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";
const contracts = { endpoint: checksummed, attestations: checksummed.toLowerCase() };
const spoke = { name: "alder", eid: 1, chainId: 10, rpcUrls: ["http://localhost:8545"], hub: false, contracts };
const hub = {
  ...{ name: "birch", eid: 2, chainId: 20, rpcUrls: ["http://localhost:8546"], hub: true },
  contracts: { ...contracts, ledger: checksummed, riskRegistry: checksummed, operatorRegistry: checksummed },
};

function complaint(result: z.ZodSafeParseResult<unknown>): string {
  return result.success ? "" : z.prettifyError(result.error);
}

describe("chainConfigSchema", () => {
  test("default: fills in what was left out, and writes addresses in lowercase", () => {
    expect(chainConfigSchema.parse(spoke)).toMatchObject({
      ...{ startBlock: 0, pollMs: 1000, maxLogRange: 2000, rangesAtOnce: 32, finality: "finalized", upcomingFeeds: [] },
      contracts: { endpoint: checksummed.toLowerCase(), vault: null, consumers: [], ledger: null },
    });
  });

  test.each([
    ["an unknown key", { ...spoke, rpcUrl: "http://localhost" }, "rpcUrl"],
    ["an unknown contract", { ...spoke, contracts: { ...contracts, vualt: checksummed } }, "vualt"],
    [
      "a wrong checksum",
      { ...spoke, contracts: { ...contracts, endpoint: checksummed.replace("d8dA", "d8da") } },
      "checksum",
    ],
    ["no endpoint URL", { ...spoke, rpcUrls: [] }, "rpcUrls"],
    ["a file as URL", { ...spoke, rpcUrls: ["file:///etc/passwd"] }, "rpcUrls"],
    ["a hub without a ledger", { ...hub, contracts: { ...hub.contracts, ledger: null } }, "ledger"],
    ["a ledger away from the hub", { ...spoke, contracts: { ...contracts, ledger: checksummed } }, "ledger"],
    ["price feeds away from the hub", { ...spoke, upcomingFeeds: [checksummed] }, "only the hub has price feeds"],
    ["a price feed twice", { ...hub, upcomingFeeds: [checksummed, contracts.attestations] }, "twice"],
    [
      "a consumer twice",
      { ...spoke, contracts: { ...contracts, consumers: [checksummed, contracts.attestations] } },
      "twice",
    ],
  ])("error: names %s", (_, chain, named) => {
    expect(complaint(chainConfigSchema.safeParse(chain))).toContain(named);
  });
});

describe("chainsConfigSchema", () => {
  test.each([
    ["no hub", [spoke], "exactly one chain must be the hub"],
    ["two hubs", [hub, { ...hub, name: "cedar", eid: 3, chainId: 30 }], "exactly one chain must be the hub"],
    ["an eid twice", [hub, { ...spoke, eid: 2 }], "same eid"],
  ])("error: names %s", (_, chains, named) => {
    expect(complaint(chainsConfigSchema.safeParse(chains))).toContain(named);
  });

  test("default: takes a hub and others", () => {
    expect(chainsConfigSchema.parse([spoke, hub])).toHaveLength(2);
  });
});
