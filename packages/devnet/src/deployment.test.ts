import { expect, test } from "vitest";
import { parseDeployment } from "./deployment.ts";
import { DeploymentInvalid } from "./errors.ts";

const address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const valid = {
  domainSalt: `0x${"ab".repeat(32)}`,
  chains: [
    {
      name: "birch",
      eid: 40_002,
      chainId: 31_338,
      rpcUrl: "http://127.0.0.1:8546",
      hub: true,
      startBlock: 0,
      contracts: {
        endpoint: address,
        attestations: address,
        vault: null,
        consumers: [address],
        ledger: address,
        riskRegistry: address,
        operatorRegistry: address,
      },
      layerZero: { sendLibrary: address, receiveLibrary: address, executor: address, dvn: address },
    },
  ],
  tokens: [],
  feeds: [{ underlying: "BTC", address, decimals: 8 }],
  instruments: [],
  operators: [address],
  threshold: 1,
};

test("default: reads what was written", () => {
  expect(parseDeployment(JSON.stringify(valid))).toEqual(valid);
});

test.each([
  ["no JSON", "{"],
  ["a field misspelt", JSON.stringify({ ...valid, domainSalts: valid.domainSalt })],
  ["an address too short", JSON.stringify({ ...valid, operators: ["0x12"] })],
  ["a salt too short", JSON.stringify({ ...valid, domainSalt: "0xab" })],
  ["no chain", JSON.stringify({ ...valid, chains: [] })],
])("error: DeploymentInvalid for %s", (_, text) => {
  expect(() => parseDeployment(text)).toThrow(DeploymentInvalid);
});
