import { makeAccountId } from "@plimsoll/protocol/account";
import { createPublicClient, erc20Abi, http, parseUnits } from "viem";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newestEpoch } from "../../test/support/newestEpoch.ts";
import { postAsRelayer, sendAsRelayer } from "../../test/support/relayer.ts";
import { type StandInOperators, startStandInOperators } from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, devnetToken, type Traders } from "../../test/support/traders.ts";
import { WithdrawalNotApproved } from "../errors/contract.ts";
import { NotAccountOwner } from "../errors/wallet.ts";
import { cancelWithdrawal } from "./cancelWithdrawal.ts";
import { claimWithdrawal } from "./claimWithdrawal.ts";
import { deposit } from "./deposit.ts";
import { requestWithdrawal } from "./requestWithdrawal.ts";

let operators: StandInOperators;
let traders: Traders;
const alder = devnetChain("alder");
const asset = devnetToken("alder", "USDC");
const { eid } = alder;
const vault = (alder.contracts.vault ?? "0x").toLowerCase() as `0x${string}`;
const usdc = (amount: string) => parseUnits(amount, 6);

beforeAll(async () => {
  const deployment = inject("deployment");
  const firstEpoch = (await newestEpoch(deployment)) + 1;
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

async function ownAccount(subAccount: bigint) {
  const [owner = "0x" as const] = await traders.alice.getAccounts();
  return { owner, account: makeAccountId(owner, subAccount) };
}

describe("a withdrawal", () => {
  test("default: asked for, approved by the operators, paid to the owner, and not twice", async () => {
    const { config, plimsoll, bob } = traders;
    const { owner, account } = await ownAccount(50n);
    await deposit(config, plimsoll, { eid, asset, amount: usdc("300"), account });
    const asked = await requestWithdrawal(config, plimsoll, { eid, asset, amount: usdc("120"), account });
    expect(asked.requestedTotal).toBe(usdc("120"));

    const epoch = await operators.attest({
      instruments: [],
      accounts: [],
      withdrawals: [{ eid, account, vault, asset, approvedTotal: asked.requestedTotal, exitTotal: usdc("300") }],
    });
    const balance = () =>
      createPublicClient({ transport: http(alder.rpcUrl) }).readContract({
        abi: erc20Abi,
        address: asset,
        functionName: "balanceOf",
        args: [owner],
      });
    const before = await balance();
    // Anybody may claim; the owner is paid.
    const paid = await claimWithdrawal(config, plimsoll, { eid, asset, account, connector: bob });
    expect(paid).toMatchObject({ amount: usdc("120"), withdrawn: usdc("120"), epoch: BigInt(epoch) });
    expect((await balance()) - before).toBe(usdc("120"));

    const again = await claimWithdrawal(config, plimsoll, { eid, asset, account }).catch((error: unknown) => error);
    expect(again).toBeInstanceOf(WithdrawalNotApproved);
    expect(again).toMatchObject({ approvedTotal: usdc("120"), withdrawnTotal: usdc("120") });
  });

  test("behavior: posts nothing where the chain's own epoch approves as much", async () => {
    const { config, plimsoll } = traders;
    const { account } = await ownAccount(52n);
    await deposit(config, plimsoll, { eid, asset, amount: usdc("10"), account });
    const wanted = (approvedTotal: bigint) => ({
      instruments: [],
      accounts: [],
      withdrawals: [{ eid, account, vault, asset, approvedTotal, exitTotal: approvedTotal }],
    });
    const posted = await operators.attest(wanted(usdc("4")));
    await postAsRelayer(alder, operators.attestation(eid, posted));
    await operators.attest(wanted(usdc("4")));
    const first = await claimWithdrawal(config, plimsoll, { eid, asset, account });
    expect(first).toMatchObject({ epoch: BigInt(posted), amount: usdc("4") });

    // While a relayer's posting of the epoch that is needed is pending, it is waited for.
    const newest = await operators.attest(wanted(usdc("9")));
    operators.afterNextProofs(() => sendAsRelayer(alder, operators.attestation(eid, newest)));
    const second = await claimWithdrawal(config, plimsoll, { eid, asset, account, attempts: 1 });
    expect(second).toMatchObject({ epoch: BigInt(newest), amount: usdc("5") });
  });

  test("error: WithdrawalNotApproved while operators have not approved it", async () => {
    const { config, plimsoll } = traders;
    const { account } = await ownAccount(51n);
    await deposit(config, plimsoll, { eid, asset, amount: usdc("10"), account });
    await requestWithdrawal(config, plimsoll, { eid, asset, amount: usdc("10"), account });
    const refused = await claimWithdrawal(config, plimsoll, { eid, asset, account }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WithdrawalNotApproved);
    expect(refused).toMatchObject({ approvedTotal: 0n, withdrawnTotal: 0n, requestedTotal: usdc("10") });
  });

  test("behavior: taken back", async () => {
    const { config, plimsoll } = traders;
    const { account } = await ownAccount(51n);
    const { requestedTotal } = await cancelWithdrawal(config, plimsoll, { eid, asset, account });
    expect(requestedTotal).toBe(0n);
  });

  test("error: NotAccountOwner", async () => {
    const { config, plimsoll, bob } = traders;
    const { account } = await ownAccount(51n);
    await expect(
      requestWithdrawal(config, plimsoll, { eid, asset, amount: 1n, account, connector: bob }),
    ).rejects.toThrow(NotAccountOwner);
  });
});
