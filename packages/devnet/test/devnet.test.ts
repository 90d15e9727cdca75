import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { operatorBondsAbi } from "@plimsoll/contracts/abi/OperatorBonds";
import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { replayFeedAbi } from "@plimsoll/contracts/abi/ReplayFeed";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { type Address, BaseError, ContractFunctionRevertedError, parseUnits } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../src/chains/port.ts";
import { type DeploymentChain, parseDeployment } from "../src/deployment.ts";
import { type Devnet, startDevnet } from "../src/devnet.ts";
import type { ConnectedChain } from "../src/layerzero/network.ts";
import { type ReplayStep, replayPrices } from "../src/prices/replay.ts";
import { eventually } from "./support/eventually.ts";

let devnet: Devnet;
/** What its start took of this process, the user's and the system's. */
let workSeconds: number;

beforeAll(async () => {
  const [alder = 0, birch = 0, cedar = 0] = await freePorts(3);
  const before = process.cpuUsage();
  devnet = await startDevnet({ ports: [alder, birch, cedar] });
  const { user, system } = process.cpuUsage(before);
  workSeconds = (user + system) / 1e6;
  console.log(JSON.stringify({ bench: "devnet-start", value: devnet.startedInMs / 1000, unit: "s" }));
});

afterAll(() => devnet?.stop());

describe("the devnet", () => {
  // Not of the clock on the wall, which runs on while others have the machine.
  test("default: is up after less than eight seconds of work", () => {
    expect(workSeconds).toBeLessThan(8);
  });

  test("behavior: its description survives being written down", () => {
    expect(parseDeployment(JSON.stringify(devnet.deployment))).toEqual(devnet.deployment);
  });

  test("behavior: the operators are in force on every chain", async () => {
    const { operators, threshold } = devnet.deployment;
    expect(operators).toHaveLength(3);
    for (const name of ["alder", "birch", "cedar"]) {
      const { chain, contracts } = on(name);
      const [set] = await chain.client.readContract({
        address: contracts.attestations,
        abi: solvencyAttestationsAbi,
        functionName: "operatorSet",
      });
      expect(set).toEqual({ id: 1, threshold, members: operators });
    }
  });

  test("behavior: every operator has staked a bond, and the registry asks for one", async () => {
    const { chain, contracts } = on("birch");
    const registry = { address: contracts.operatorRegistry ?? missing(), abi: operatorRegistryAbi } as const;
    const address = await chain.client.readContract({ ...registry, functionName: "bonds" });
    const bonds = { address, abi: operatorBondsAbi } as const;
    const least = await chain.client.readContract({ ...bonds, functionName: "leastBond" });
    for (const operator of devnet.deployment.operators) {
      const bond = await chain.client.readContract({ ...bonds, functionName: "bondOf", args: [operator] });
      expect(bond).toMatchObject({ staked: least, expelled: false });
    }
    const strangers = [devnet.accounts.alice.address, devnet.accounts.bob.address];
    const args = [strangers.sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)), 2] as const;
    const { address: account } = devnet.accounts.deployer;
    // With the bonds' errors, which the registry lets through.
    const abi = [...operatorRegistryAbi, ...operatorBondsAbi] as const;
    const call = { ...registry, abi, functionName: "setOperators", args, account } as const;
    const refusal: unknown = await chain.client.simulateContract(call).catch((error: unknown) => error);
    const reverted = refusal instanceof BaseError && refusal.walk((e) => e instanceof ContractFunctionRevertedError);
    expect(reverted).toMatchObject({ data: { errorName: "BondTooSmall" } });
  });

  test("behavior: the risk registry knows the scenarios and every asset", async () => {
    const { chain, contracts } = on("birch");
    const registry = { address: contracts.riskRegistry ?? missing(), abi: riskRegistryAbi } as const;
    const scenarios = await chain.client.readContract({ ...registry, functionName: "scenarioSet" });
    expect(scenarios.underlyings).toEqual(["BTC", "ETH", "USDC"].map(nameToId));
    for (const { eid, address, decimals, underlying } of devnet.deployment.tokens) {
      const asset = await chain.client.readContract({ ...registry, functionName: "asset", args: [eid, address] });
      expect(asset).toMatchObject({ underlying: nameToId(underlying), decimals });
    }
  });
});

describe("a deposit", () => {
  test("default: on alder is in the hub's ledger once LayerZero has carried it", async () => {
    const amount = parseUnits("250000", 6);
    const { vault, token, account } = await deposit("alder", "USDC", amount);
    const { contracts } = on("alder");
    expect(contracts.ledger).toBeNull();
    const credited = await eventually("credit", async () => {
      const [deposited] = await ledgerTotals(on("alder").chain.eid, account, token);
      return deposited > 0n && deposited;
    });
    expect(credited).toBe(amount);
    expect(vault).toBe(contracts.vault);
  });

  test("behavior: on the hub's own vault is in the ledger at once", async () => {
    const amount = parseUnits("3", 18);
    const { token, account } = await deposit("birch", "WETH", amount);
    expect(await ledgerTotals(on("birch").chain.eid, account, token)).toEqual([amount, 0n]);
  });
});

describe("prices", () => {
  test("default: a replayed hour is on chain, both coins in one block", async () => {
    const steps: ReplayStep[] = [];
    const hour = "2025-10-10T21:00Z";
    await replayPrices({
      feeds: devnet.feeds,
      from: hour,
      to: hour,
      stepMs: 0,
      onStep: (step) => void steps.push(step),
    });
    expect(steps).toHaveLength(4);
    for (const coin of ["BTC", "ETH"] as const) {
      const { chain } = on("birch");
      const logs = await chain.client.getContractEvents({
        address: devnet.feeds.addresses[coin],
        abi: replayFeedAbi,
        eventName: "AnswerUpdated",
        fromBlock: steps[0]?.blockNumber ?? 0n,
        strict: true,
      });
      expect(logs.map(({ args, blockNumber }) => [args.current, blockNumber])).toEqual(
        steps.map((step) => [coin === "BTC" ? step.btc : step.eth, step.blockNumber]),
      );
    }
  });

  test("behavior: one price can be set", async () => {
    await devnet.feeds.setPrice("USDC", 99_000_000n);
    const [, answer] = await on("birch").chain.client.readContract({
      address: devnet.feeds.addresses.USDC,
      abi: replayFeedAbi,
      functionName: "latestRoundData",
    });
    expect(answer).toBe(99_000_000n);
  });
});

function on(name: string): { chain: ConnectedChain; contracts: DeploymentChain["contracts"] } {
  const chain = devnet.chains.find((candidate) => candidate.name === name) ?? missing();
  const { contracts } = devnet.deployment.chains.find(({ eid }) => eid === chain.eid) ?? missing();
  return { chain, contracts };
}

async function deposit(name: string, symbol: string, amount: bigint) {
  const { chain, contracts } = on(name);
  const { alice } = devnet.accounts;
  const account = makeAccountId(alice.address);
  const vault = contracts.vault ?? missing();
  const token =
    devnet.deployment.tokens.find(({ eid, symbol: its }) => eid === chain.eid && its === symbol)?.address ?? missing();
  const from = { account: alice.address, chain: null } as const;
  const approval = await chain.client.writeContract({
    ...from,
    address: token,
    abi: testTokenAbi,
    functionName: "approve",
    args: [vault, amount],
  });
  await chain.client.waitForTransactionReceipt({ hash: approval });
  const { nativeFee } = await chain.client.readContract({
    address: vault,
    abi: collateralVaultAbi,
    functionName: "quoteReport",
    args: [account],
  });
  const hash = await chain.client.writeContract({
    ...from,
    address: vault,
    abi: collateralVaultAbi,
    functionName: "deposit",
    args: [account, token, amount],
    value: nativeFee,
  });
  const { status } = await chain.client.waitForTransactionReceipt({ hash });
  expect(status).toBe("success");
  return { vault, token, account };
}

function ledgerTotals(eid: number, account: `0x${string}`, token: Address) {
  const { chain, contracts } = on("birch");
  return chain.client.readContract({
    address: contracts.ledger ?? missing(),
    abi: collateralLedgerAbi,
    functionName: "totals",
    args: [eid, account, token],
  });
}

function missing(): never {
  throw new TypeError("the devnet lacks something");
}
