import { makeAccountId } from "@plimsoll/protocol/account";
import { createTestClient, http, parseUnits } from "viem";
import { increaseTime, mine, revert, snapshot } from "viem/actions";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { newestEpoch } from "../../test/support/newestEpoch.ts";
import { postAsRelayer } from "../../test/support/relayer.ts";
import { type StandInOperators, startStandInOperators } from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, devnetToken, type Traders } from "../../test/support/traders.ts";
import { ExitNotOpen, NothingToExit } from "../errors/contract.ts";
import { claimExit } from "./claimExit.ts";
import { deposit } from "./deposit.ts";
import { requestWithdrawal } from "./requestWithdrawal.ts";

let operators: StandInOperators;
let traders: Traders;
const alder = devnetChain("alder");
const asset = devnetToken("alder", "USDC");
const { eid } = alder;
const vault = (alder.contracts.vault ?? "0x").toLowerCase() as `0x${string}`;
const usdc = (amount: string) => parseUnits(amount, 6);
const node = createTestClient({ mode: "anvil", transport: http(alder.rpcUrl) });

beforeAll(async () => {
  const deployment = inject("deployment");
  const firstEpoch = (await newestEpoch(deployment)) + 1;
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

test("default: once operators are silent, what was kept leaves by the owner's word and a proof", async () => {
  const { config, plimsoll, alice, bob } = traders;
  const [owner = "0x" as const] = await alice.getAccounts();
  const account = makeAccountId(owner, 60n);
  await deposit(config, plimsoll, { eid, asset, amount: usdc("300"), account });
  const epoch = await operators.attest({
    instruments: [],
    accounts: [],
    withdrawals: [{ eid, account, vault, asset, approvedTotal: 0n, exitTotal: usdc("250") }],
  });
  await postAsRelayer(alder, operators.attestation(eid, epoch));
  const early = await claimExit(config, plimsoll, { eid, asset, account }).catch((error: unknown) => error);
  expect(early).toBeInstanceOf(ExitNotOpen);

  // The chain is put back afterwards: other tests' attestations would be expired.
  const id = await snapshot(node);
  await increaseTime(node, { seconds: 3 * 3600 });
  await mine(node, { blocks: 1 });
  const unasked = await claimExit(config, plimsoll, { eid, asset, account }).catch((error: unknown) => error);
  expect(unasked).toBeInstanceOf(NothingToExit);
  expect(unasked).toMatchObject({ exitTotal: usdc("250"), withdrawnTotal: 0n, requestedTotal: 0n });

  await requestWithdrawal(config, plimsoll, { eid, asset, amount: usdc("300"), account });
  const paid = await claimExit(config, plimsoll, { eid, asset, account, connector: bob });
  expect(paid).toMatchObject({ amount: usdc("250"), withdrawn: usdc("250"), to: owner, epoch: BigInt(epoch) });
  await expect(claimExit(config, plimsoll, { eid, asset, account })).rejects.toThrow(NothingToExit);
  await revert(node, { id });
});
