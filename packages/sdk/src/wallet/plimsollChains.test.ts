import { createConfig } from "@wagmi/core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { chainsJson } from "../../test/support/chains.ts";
import { type StandInOperators, startStandInOperators } from "../../test/support/standInOperators.ts";
import { devnetChain } from "../../test/support/traders.ts";
import { quoteReportFee } from "../actions/quoteReportFee.ts";
import { createPlimsoll } from "../createPlimsoll.ts";
import { UnknownChain } from "../errors/deployment.ts";
import { ChainNotConfigured, MissingRpcUrl, WrongChain } from "../errors/wallet.ts";
import { plimsollChains } from "./plimsollChains.ts";

const deployment = { chains: chainsJson };
const account = `0x${"00".repeat(32)}` as const;

describe("plimsollChains", () => {
  test("default: chains for a wagmi config, by eid or name", () => {
    const { chains } = plimsollChains(deployment, { 40001: "http://127.0.0.1:1", birch: "http://127.0.0.1:2" });
    expect(chains.map(({ id, name }) => [id, name])).toEqual([
      [31337, "alder"],
      [31338, "birch"],
    ]);
  });

  test("error: MissingRpcUrl, UnknownChain", () => {
    expect(() => plimsollChains(deployment, { alder: "http://127.0.0.1:1" })).toThrow(MissingRpcUrl);
    expect(() => plimsollChains(deployment, { oak: "http://127.0.0.1:1" })).toThrow(UnknownChain);
  });
});

describe("a config on the devnet", () => {
  let operators: StandInOperators;
  beforeAll(async () => {
    const { operators: operatorKeys } = inject("keys");
    operators = await startStandInOperators({ deployment: inject("deployment"), operatorKeys, firstEpoch: 1 });
  });
  afterAll(() => operators.close());
  const [alder, birch, cedar] = [devnetChain("alder"), devnetChain("birch"), devnetChain("cedar")];

  test("error: WrongChain, when two RPC URLs are swapped", async () => {
    const plimsoll = await createPlimsoll({ nodes: [operators.url] });
    const swapped = { alder: birch.rpcUrl, birch: alder.rpcUrl, cedar: cedar.rpcUrl };
    const config = createConfig(plimsollChains(plimsoll.deployment, swapped));
    const refused = await quoteReportFee(config, plimsoll, { eid: alder.eid, account }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(WrongChain);
    expect(refused).toMatchObject({ expectedChainId: alder.chainId, actualChainId: birch.chainId });
  });

  test("error: ChainNotConfigured", async () => {
    const plimsoll = await createPlimsoll({ nodes: [operators.url] });
    const only = { chains: plimsoll.deployment.chains.filter(({ name }) => name === "birch") };
    const config = createConfig(plimsollChains(only, { birch: birch.rpcUrl }));
    await expect(quoteReportFee(config, plimsoll, { eid: alder.eid, account })).rejects.toThrow(ChainNotConfigured);
  });
});
