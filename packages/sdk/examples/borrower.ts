// What a consumer's own user does: collateral on alder, dollars borrowed on birch from packages/contracts' CreditLine.
//
//   npm start -- --consumer birch=CreditLine,USDC,bob
//   PRIVATE_KEY=0x... CREDIT_LINE=0x... node packages/sdk/examples/borrower.ts
//
// NODES and RPC_URLS name another deployment than the one on this machine.

import { setTimeout } from "node:timers/promises";
import { creditLineAbi } from "@plimsoll/contracts/abi/CreditLine";
import { makeAccountId } from "@plimsoll/protocol/account";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { getVaultAssets } from "@plimsoll/sdk/actions/getVaultAssets";
import { waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { decodeRevert } from "@plimsoll/sdk/chain/decodeRevert";
import { postedEpoch } from "@plimsoll/sdk/chain/postedEpoch";
import { sendCall } from "@plimsoll/sdk/chain/sendCall";
import { verifiedClient } from "@plimsoll/sdk/chain/verifiedClient";
import { getWallet } from "@plimsoll/sdk/chain/wallet";
import { createPlimsoll } from "@plimsoll/sdk/createPlimsoll";
import { getChain } from "@plimsoll/sdk/deployment";
import { AllotmentExceeded, StaleProof } from "@plimsoll/sdk/errors/contract";
import { fetchTradeProofs } from "@plimsoll/sdk/node/fetchTradeProofs";
import { formatUsd } from "@plimsoll/sdk/units/formatUsd";
import { plimsollChains } from "@plimsoll/sdk/wallet/plimsollChains";
import { privateKeyConnector } from "@plimsoll/sdk/wallet/privateKeyConnector";
import {
  connect,
  createConfig,
  getConnection,
  readContract,
  waitForTransactionReceipt,
  writeContract,
} from "@wagmi/core";
import { encodeFunctionData, erc20Abi, formatUnits, isAddress, isHex, parseUnits } from "viem";
import { z } from "zod";

const environment = z
  .object({
    PRIVATE_KEY: z.string().refine((text) => isHex(text)),
    CREDIT_LINE: z.string().refine((text) => isAddress(text)),
    NODES: z.string().default("http://127.0.0.1:8800,http://127.0.0.1:8801,http://127.0.0.1:8802"),
    RPC_URLS: z.string().default("alder=http://127.0.0.1:8545,birch=http://127.0.0.1:8546,cedar=http://127.0.0.1:8547"),
  })
  .parse(process.env);

const plimsoll = await createPlimsoll({ nodes: environment.NODES.split(",") });
const rpcUrls = Object.fromEntries(environment.RPC_URLS.split(",").map((entry) => entry.split("=")));
const connector = privateKeyConnector({ privateKey: environment.PRIVATE_KEY });
const config = createConfig({ ...plimsollChains(plimsoll.deployment, rpcUrls), pollingInterval: 250 });
await connect(config, { connector });
const { address: owner } = getConnection(config);
if (owner === undefined) process.exit(1);

const account = makeAccountId(owner, 7n);
const [alder, birch] = [getChain(plimsoll.deployment, "alder"), getChain(plimsoll.deployment, "birch")];
const line = { abi: creditLineAbi, address: environment.CREDIT_LINE, chainId: birch.chainId } as const;
const token = await readContract(config, { ...line, functionName: "token" });
const dollars = (amount: bigint) => formatUnits(amount, 6);

// 1. Dollars to be lent: whoever sends them gives them to the lender.
async function send(sent: Promise<`0x${string}`>) {
  return waitForTransactionReceipt(config, { hash: await sent, chainId: birch.chainId });
}
const erc20 = { abi: erc20Abi, address: token, chainId: birch.chainId } as const;
await send(writeContract(config, { ...erc20, functionName: "transfer", args: [line.address, parseUnits("20000", 6)] }));

// 2. Collateral, on another chain. Operators see it and give the account a credit line.
const usdc = (await getVaultAssets(config, plimsoll, { eid: alder.eid })).find(({ symbol }) => symbol === "USDC");
if (usdc === undefined) process.exit(1);
await deposit(config, plimsoll, {
  eid: alder.eid,
  asset: usdc.asset,
  amount: parseUnits("50000", usdc.decimals),
  account,
});
const consumer = line.address.toLowerCase();
await waitForAccount(plimsoll, {
  account,
  what: "a credit line",
  predicate: ({ portfolios }) => portfolios.some((one) => one.consumer === consumer && one.allotment !== null),
});

/** The leaf and its proof under the epoch that birch has. */
async function proofs() {
  const epoch = await postedEpoch(await verifiedClient(config, birch), birch);
  const wanted = { eid: birch.eid, market: line.address, accounts: [account], instruments: [], epoch };
  const { attestation: _, ...proven } = await fetchTradeProofs(plimsoll, wanted);
  return proven;
}
/** A newer epoch was posted after the proofs were fetched: they are of no use any more. */
function nothingIfOvertaken(error: unknown): bigint {
  if (decodeRevert(error) instanceof StaleProof) return 0n;
  throw error;
}
let left = 0n;
while (left === 0n) {
  await setTimeout(500);
  const proven = await proofs();
  if (proven.accounts.length === 0) continue;
  const credit = readContract(config, { ...line, functionName: "creditLeft", args: [account, proven] });
  left = await credit.catch(nothingIfOvertaken);
}
console.log(`credit left: ${formatUsd(left)} USD`);

// 3. Borrow: the contract books the worst loss, and refuses what is beyond the line.
const attempts = 8;
async function borrow(amount: bigint) {
  const wallet = await getWallet(config);
  for (let attempt = 1; ; attempt++) {
    try {
      const args = [account, amount, await proofs()] as const;
      const data = encodeFunctionData({ abi: creditLineAbi, functionName: "borrow", args });
      return await sendCall(config, { chain: birch, wallet, to: line.address, data });
    } catch (error) {
      // Of another epoch by now: once more, with fresh proofs.
      if (!(error instanceof StaleProof) || attempt === attempts) throw error;
    }
  }
}
const amount = parseUnits("5000", 6);
await borrow(amount);
const debt = await readContract(config, { ...line, functionName: "debt", args: [account] });
console.log(`borrowed ${dollars(amount)} USDC, owes ${dollars(debt)}`);
try {
  await borrow(parseUnits("14000", 6));
} catch (error) {
  console.log(`refused: ${error instanceof AllotmentExceeded ? error.name : error}`);
}

// 4. Operators count the worst loss as lost, on every chain, from the next epoch on.
const held = await waitForAccount(plimsoll, {
  account,
  what: "the debt to be seen",
  predicate: ({ portfolios }) => portfolios.some((one) => one.consumer === consumer && one.cash < 0n),
});
console.log(`worth ${formatUsd(held.base)} USD with the debt at its worst`);

// 5. Paid back, by anybody and without proofs: the line is whole again.
await send(writeContract(config, { ...erc20, functionName: "approve", args: [line.address, debt] }));
await send(writeContract(config, { ...line, functionName: "repay", args: [account, debt] }));
console.log(`owes ${dollars(await readContract(config, { ...line, functionName: "debt", args: [account] }))}`);
