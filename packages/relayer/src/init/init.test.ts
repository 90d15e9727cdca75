import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planConfig } from "../commands/init.ts";
import { loadConfigFile } from "../configFile.ts";
import type { Asker } from "./ask.ts";
import { completeChain, parseChainOption } from "./chainDescription.ts";
import { InitError } from "./errors.ts";
import { networks } from "./networks.ts";
import { writeConfig } from "./writeConfig.ts";

const address = (byte: string) => `0x${byte.repeat(20)}`;
const domainSalt = `0x${"5a".repeat(32)}`;
const hub = `base hub rpc=https://one.example,https://two.example attestations=${address("02")} vault=${address("03")} \
consumers=${address("04")},${address("05")} ledger=${address("06")} riskRegistry=${address("07")} \
operatorRegistry=${address("08")} startBlock=123`;
const spoke = `arbitrum attestations=${address("12")} consumers=${address("13")}`;
const flags = { config: "operator.toml", chain: [], rpc: [], peer: [], port: 8800, database: "operator.sqlite" };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-init-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Answers questions in order, refusing what the question refuses, and tells which were put. */
function scripted(answers: readonly (string | boolean)[]): Asker & { readonly put: string[] } {
  const left = [...answers];
  const put: string[] = [];
  return {
    put,
    async text(question, { standard, check } = {}) {
      put.push(question);
      const answer = left.shift();
      const given = answer === "" ? (standard ?? "") : String(answer);
      expect(check?.(given) ?? true, question).toBe(true);
      return given;
    },
    async yes(question) {
      put.push(question);
      return left.shift() === true;
    },
  };
}

describe("plimsoll init", () => {
  test("default: flags make a file that the node takes, with LayerZero's endpoints filled in", async () => {
    const rpc = ["arbitrum=https://three.example"];
    const peer = [`${address("c1")}=https://operator-2.example?a=b`];
    const config = await planConfig(
      { ...flags, domainSalt, chain: [hub, spoke], rpc, peer, keystore: "key.json", metricsPort: 9464 },
      null,
    );
    const path = join(folder, "flags.toml");
    writeConfig(path, config);
    const read = loadConfigFile(path, {});
    expect(read).toMatchObject({
      domainSalt,
      node: { port: 8800, database: join(folder, "operator.sqlite") },
      signer: { keystore: "key.json" },
      metrics: { host: "127.0.0.1", port: 9464 },
      peers: [{ address: address("c1"), url: "https://operator-2.example?a=b" }],
      chains: [
        {
          ...{ name: "base", eid: 30184, chainId: 8453, hub: true, startBlock: 123, finality: "finalized" },
          rpcUrls: ["https://one.example", "https://two.example"],
          contracts: { vault: address("03"), consumers: [address("04"), address("05")], ledger: address("06") },
        },
        { name: "arbitrum", eid: 30110, chainId: 42161, hub: false, rpcUrls: ["https://three.example"] },
      ],
    });
    for (const { name, contracts } of read.chains) {
      const { endpoint } = networks.find((network) => network.name === name) ?? expect.unreachable();
      expect(contracts.endpoint).toBe(endpoint.toLowerCase());
    }
  });

  test("default: a deployment's description, and RPC URLs for it", async () => {
    const path = join(folder, "deployment.json");
    const contracts = { attestations: address("02"), vault: null, consumers: [], ledger: address("06") };
    const registries = { riskRegistry: address("07"), operatorRegistry: address("08") };
    const chain = { name: "main", eid: 30101, hub: true, startBlock: 7, contracts: { ...contracts, ...registries } };
    writeFileSync(path, JSON.stringify({ domainSalt, chains: [chain], tokens: [] }));
    const config = await planConfig({ ...flags, deployment: path, rpc: ["main=https://one.example"] }, null);
    expect(config.chains).toMatchObject([{ name: "main", eid: 30101, chainId: 1, startBlock: 7 }]);
    expect(config.chains[0]?.contracts.endpoint).toBe("0x1a44076050125825900e736c501f859c50fE728c");
  });

  test("default: what no flag says is asked for", async () => {
    const asker = scripted([
      domainSalt,
      ...["base", "https://one.example"],
      ...[true, address("02"), address("03"), ""],
      ...[address("06"), address("07"), address("08"), "123"],
      true,
      ...["elsewhere", "40001", "31337", address("01"), "http://127.0.0.1:8545", address("12"), "", address("13"), "0"],
      false,
    ]);
    const config = await planConfig(flags, asker);
    writeConfig(join(folder, "asked.toml"), config);
    expect(loadConfigFile(join(folder, "asked.toml"), {}).chains).toMatchObject([
      { name: "base", eid: 30184, hub: true, contracts: { vault: address("03"), consumers: [] } },
      {
        name: "elsewhere",
        eid: 40001,
        chainId: 31337,
        hub: false,
        contracts: { vault: null, consumers: [address("13")] },
      },
    ]);
    // There is one hub: nobody is asked twice.
    expect(asker.put.filter((question) => question.includes("hub"))).toHaveLength(1);
  });

  test.each([
    ["a salt that is missing", { chain: [hub] }, /--domain-salt is missing/],
    ["chains that are missing", { domainSalt }, /--chain is missing/],
    [
      "a network that nobody knows",
      { domainSalt, chain: ["arbitrun rpc=http://x attestations=0x"] },
      /did you mean arbitrum/,
    ],
    ["an unknown key of a chain", { domainSalt, chain: ["base url=http://x"] }, /unknown url/],
    ["a chain without RPC", { domainSalt, chain: [spoke] }, /no RPC endpoint/],
    ["a chain without attestations", { domainSalt, chain: ["base rpc=http://x"] }, /no attestations/],
    ["RPC URLs of no chain", { domainSalt, chain: [hub], rpc: ["mars=http://x"] }, /there is no such chain/],
    ["a peer without URL", { domainSalt, chain: [hub], peer: [address("c1")] }, /no "="/],
    ["a deployment that is not there", { deployment: "/nowhere.json" }, /no JSON file/],
  ])("error: InitError, %s", async (_, given, problem) => {
    const planning = planConfig({ ...flags, ...given }, null);
    await expect(planning).rejects.toThrow(InitError);
    await expect(planning).rejects.toThrow(problem);
    await expect(planning).rejects.toMatchObject({ exitCode: 1 });
  });

  test("error: InitError, nothing is written over, and nothing that a node would not take", async () => {
    const path = join(folder, "there.toml");
    writeFileSync(path, "mine");
    const good = await planConfig({ ...flags, domainSalt, chain: [hub] }, null);
    expect(() => writeConfig(path, good)).toThrow(InitError);
    expect(readFileSync(path, "utf8")).toBe("mine");
    const twoHubs = await planConfig({ ...flags, domainSalt, chain: [hub, hub.replace("base", "ink")] }, null);
    expect(() => writeConfig(join(folder, "new.toml"), twoHubs)).toThrow(/exactly one chain/);
    expect(() => readFileSync(join(folder, "new.toml"))).toThrow();
    expect(() => writeConfig(join(folder, "no/such/new.toml"), good)).toThrow(InitError);
  });

  test("behavior: what a description says of itself goes before what is known of a network", () => {
    const chain = completeChain(
      parseChainOption(`fork eid=30184 chainId=31337 rpc=http://x attestations=${address("02")}`),
    );
    expect(chain).toMatchObject({ name: "fork", eid: 30184, chainId: 31337 });
    expect(chain.contracts.endpoint).toBe(networks.find(({ name }) => name === "base")?.endpoint);
  });
});
