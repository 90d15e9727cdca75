import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { makeAccountId } from "@plimsoll/protocol/account";
import { createPublicClient, erc20Abi, http, parseEther, parseUnits } from "viem";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type StandInOperators, startStandInOperators } from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, devnetToken, type Traders } from "../../test/support/traders.ts";
import { getHub } from "../deployment.ts";
import { ContractRefused } from "../errors/contract.ts";
import { NoVault } from "../errors/deployment.ts";
import { InsufficientBalance } from "../errors/wallet.ts";
import { poll } from "../poll.ts";
import { approveCollateral } from "./approveCollateral.ts";
import { deposit } from "./deposit.ts";
import { depositNative } from "./depositNative.ts";
import { depositWithPermit } from "./depositWithPermit.ts";
import { quoteReportFee } from "./quoteReportFee.ts";
import { reportCollateral } from "./reportCollateral.ts";

let operators: StandInOperators;
let traders: Traders;
const alder = devnetChain("alder");
const birch = devnetChain("birch");
const usdcOnAlder = devnetToken("alder", "USDC");
const hubClient = createPublicClient({ transport: http(birch.rpcUrl) });

beforeAll(async () => {
  const deployment = inject("deployment");
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch: 1 });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

/** What the hub's ledger has of an account's USDC at a vault, once it is `expected`. */
function ledgerShows(account: `0x${string}`, vault: { eid: number; asset: `0x${string}` }, expected: bigint) {
  const { ledger } = getHub(traders.plimsoll.deployment).contracts;
  return poll({
    what: "the ledger to be told",
    timeoutMilliseconds: 20_000,
    intervalMilliseconds: 100,
    look: async () => {
      const [deposited] = await hubClient.readContract({
        abi: collateralLedgerAbi,
        address: ledger,
        functionName: "totals",
        args: [vault.eid, account, vault.asset],
      });
      return deposited === expected ? deposited : null;
    },
  });
}

describe("deposit", () => {
  test("default: collateral put down on alder is known to the hub on birch over LayerZero", async () => {
    const { config, plimsoll, alice } = traders;
    const [owner] = await alice.getAccounts();
    const account = makeAccountId(owner ?? "0x", 1n);
    const amount = parseUnits("1000", 6);
    const done = await deposit(config, plimsoll, { eid: alder.eid, asset: usdcOnAlder, amount, account });

    expect(done).toMatchObject({ account, amount, deposited: amount, sequence: 1n });
    expect(done.guid).toMatch(/^0x[0-9a-f]{64}$/);
    expect(done.feeWei).toBeGreaterThan(0n);
    await ledgerShows(account, { eid: alder.eid, asset: usdcOnAlder }, amount);
  });

  test("behavior: on the hub the report is a call, and costs nothing", async () => {
    const { config, plimsoll, bob } = traders;
    const asset = devnetToken("birch", "USDC");
    const amount = parseUnits("50", 6);
    const done = await deposit(config, plimsoll, { eid: birch.eid, asset, amount, connector: bob });
    expect(done).toMatchObject({ guid: null, feeWei: 0n, amount });
    await ledgerShows(done.account, { eid: birch.eid, asset }, done.deposited);
  });

  test("behavior: two deposits sent together both arrive", async () => {
    const { config, plimsoll, bob } = traders;
    const amount = parseUnits("10", 6);
    const [owner] = await bob.getAccounts();
    await approveCollateral(config, plimsoll, {
      eid: alder.eid,
      asset: usdcOnAlder,
      amount: 2n * amount,
      connector: bob,
    });
    const parameters = { eid: alder.eid, asset: usdcOnAlder, amount, connector: bob };
    const done = await Promise.all(
      [2n, 3n].map((subAccount) =>
        deposit(config, plimsoll, { ...parameters, account: makeAccountId(owner ?? "0x", subAccount) }),
      ),
    );
    expect(done.map((one) => one.amount)).toEqual([amount, amount]);
  });

  test("error: NoVault", async () => {
    const { config, plimsoll } = traders;
    const { eid } = devnetChain("cedar");
    await expect(deposit(config, plimsoll, { eid, asset: usdcOnAlder, amount: 1n })).rejects.toThrow(NoVault);
  });

  test("error: InsufficientBalance", async () => {
    const { config, plimsoll } = traders;
    await expect(deposit(config, plimsoll, { eid: alder.eid, asset: usdcOnAlder, amount: 10n ** 30n })).rejects.toThrow(
      InsufficientBalance,
    );
  });

  test("error: ContractRefused where the amount is zero", async () => {
    const { config, plimsoll } = traders;
    const refused = deposit(config, plimsoll, { eid: alder.eid, asset: usdcOnAlder, amount: 0n });
    await expect(refused).rejects.toThrow(ContractRefused);
    await expect(refused).rejects.toMatchObject({ errorName: "ZeroAmount" });
  });
});

describe("depositNative", () => {
  test("default: ether is collateral in the chain's wrapped token, also for somebody else's account", async () => {
    const { config, plimsoll, alice, bob } = traders;
    const [owner] = await alice.getAccounts();
    const account = makeAccountId(owner ?? "0x", 8n);
    const amount = parseEther("0.25");
    const done = await depositNative(config, plimsoll, { eid: alder.eid, amount, account, connector: bob });
    expect(done).toMatchObject({ account, amount, deposited: amount, sequence: 1n });
    await ledgerShows(account, { eid: alder.eid, asset: devnetToken("alder", "WETH") }, amount);
  });

  test("behavior: on the hub nothing is paid for a report", async () => {
    const { config, plimsoll, bob } = traders;
    const amount = parseEther("0.5");
    const done = await depositNative(config, plimsoll, { eid: birch.eid, amount, connector: bob });
    expect(done).toMatchObject({ guid: null, feeWei: 0n, amount });
  });
});

describe("depositWithPermit", () => {
  test("default: one transaction, and no allowance is left", async () => {
    const { config, plimsoll, bob } = traders;
    const [owner = "0x"] = await bob.getAccounts();
    const account = makeAccountId(owner, 9n);
    const amount = parseUnits("75", 6);
    const alderClient = createPublicClient({ transport: http(alder.rpcUrl) });
    const vault = alder.contracts.vault ?? expect.unreachable();
    const allowance = () =>
      alderClient.readContract({
        abi: erc20Abi,
        address: usdcOnAlder,
        functionName: "allowance",
        args: [owner, vault],
      });
    const before = await allowance();
    const parameters = { eid: alder.eid, asset: usdcOnAlder, amount, account, connector: bob };
    expect(await depositWithPermit(config, plimsoll, parameters)).toMatchObject({ account, amount, deposited: amount });
    // The permit took the place of whatever was allowed, and was used up.
    expect(await allowance()).toBeLessThanOrEqual(before);
    expect(await depositWithPermit(config, plimsoll, parameters)).toMatchObject({ deposited: 2n * amount });
    await ledgerShows(account, { eid: alder.eid, asset: usdcOnAlder }, 2n * amount);
  });

  test("error: ContractRefused where the permit is not the token's", async () => {
    const { config, plimsoll } = traders;
    const parameters = { eid: birch.eid, asset: devnetToken("birch", "USDC"), amount: 10n ** 9n };
    const refused = depositWithPermit(config, plimsoll, { ...parameters, version: "2" });
    await expect(refused).rejects.toThrow(ContractRefused);
  });
});

describe("reportCollateral", () => {
  test("default: anybody may send an account's totals again", async () => {
    const { config, plimsoll, alice, bob } = traders;
    const [owner] = await alice.getAccounts();
    const account = makeAccountId(owner ?? "0x", 7n);
    const amount = parseUnits("1", 6);
    await deposit(config, plimsoll, { eid: alder.eid, asset: usdcOnAlder, amount, account });
    const again = await reportCollateral(config, plimsoll, { eid: alder.eid, account, connector: bob });
    expect(again.guid).toMatch(/^0x[0-9a-f]{64}$/);
  });
});

describe("approveCollateral", () => {
  test("behavior: does nothing where the vault is allowed enough", async () => {
    const { config, plimsoll } = traders;
    const parameters = { eid: alder.eid, asset: devnetToken("alder", "WETH"), amount: 5n };
    expect(await approveCollateral(config, plimsoll, parameters)).toMatchObject({ status: "success" });
    expect(await approveCollateral(config, plimsoll, parameters)).toBeNull();
    expect(await approveCollateral(config, plimsoll, { ...parameters, amount: 7n })).toMatchObject({
      status: "success",
    });
  });
});

describe("quoteReportFee", () => {
  test("default: wei on alder, nothing on the hub", async () => {
    const { config, plimsoll, alice } = traders;
    const [owner] = await alice.getAccounts();
    const account = makeAccountId(owner ?? "0x");
    expect(await quoteReportFee(config, plimsoll, { eid: alder.eid, account })).toBeGreaterThan(0n);
    expect(await quoteReportFee(config, plimsoll, { eid: birch.eid, account })).toBe(0n);
  });
});
