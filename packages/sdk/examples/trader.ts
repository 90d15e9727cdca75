// A trader's whole round: collateral on alder, a position on birch, a withdrawal.
//
//   PRIVATE_KEY=0x... node packages/sdk/examples/trader.ts
//
// NODES and RPC_URLS name another deployment than the one on this machine.

import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { claimWithdrawal } from "@plimsoll/sdk/actions/claimWithdrawal";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { getMark } from "@plimsoll/sdk/actions/getMark";
import { getVaultAssets } from "@plimsoll/sdk/actions/getVaultAssets";
import { requestWithdrawal } from "@plimsoll/sdk/actions/requestWithdrawal";
import { signOrder } from "@plimsoll/sdk/actions/signOrder";
import { trade } from "@plimsoll/sdk/actions/trade";
import { waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { waitForMessage } from "@plimsoll/sdk/actions/waitForMessage";
import { createPlimsoll } from "@plimsoll/sdk/createPlimsoll";
import { getChain } from "@plimsoll/sdk/deployment";
import { AllotmentExceeded } from "@plimsoll/sdk/errors/contract";
import { formatUsd } from "@plimsoll/sdk/units/formatUsd";
import { marginOf } from "@plimsoll/sdk/units/marginOf";
import { parseUsd } from "@plimsoll/sdk/units/parseUsd";
import { plimsollChains } from "@plimsoll/sdk/wallet/plimsollChains";
import { privateKeyConnector } from "@plimsoll/sdk/wallet/privateKeyConnector";
import { connect, createConfig, getConnection } from "@wagmi/core";
import { formatUnits, isHex, parseUnits } from "viem";
import { z } from "zod";

const environment = z
  .object({
    PRIVATE_KEY: z.string().refine((text) => isHex(text)),
    NODES: z.string().default("http://127.0.0.1:8800,http://127.0.0.1:8801,http://127.0.0.1:8802"),
    RPC_URLS: z.string().default("alder=http://127.0.0.1:8545,birch=http://127.0.0.1:8546,cedar=http://127.0.0.1:8547"),
  })
  .parse(process.env);

// Any of several nodes will do; when one is down the next is asked. Any wagmi connector will do in a browser.
const plimsoll = await createPlimsoll({ nodes: environment.NODES.split(",") });
const rpcUrls = Object.fromEntries(environment.RPC_URLS.split(",").map((entry) => entry.split("=")));
const connector = privateKeyConnector({ privateKey: environment.PRIVATE_KEY });
const config = createConfig({ ...plimsollChains(plimsoll.deployment, rpcUrls), pollingInterval: 250 });
await connect(config, { connector });

const { address: owner } = getConnection(config);
if (owner === undefined) process.exit(1);
// Each sub-account is a margin account of its own. Number 1 takes the other side here; elsewhere somebody else does.
const [account, counterparty] = [makeAccountId(owner, 0n), makeAccountId(owner, 1n)];
const alder = getChain(plimsoll.deployment, "alder");
const birch = getChain(plimsoll.deployment, "birch");

// 1. Collateral on alder, reported to the hub over LayerZero.
const usdc = (await getVaultAssets(config, plimsoll, { eid: alder.eid })).find(({ symbol }) => symbol === "USDC");
if (usdc === undefined) process.exit(1);
const { eid } = alder;
const { asset, decimals } = usdc;
const sent = await deposit(config, plimsoll, { eid, asset, amount: parseUnits("50000", decimals), account });
await deposit(config, plimsoll, { eid, asset, amount: parseUnits("50000", decimals), account: counterparty });
console.log(`deposited ${formatUnits(sent.amount, decimals)} USDC in block ${sent.receipt.blockNumber} of alder`);
if (sent.guid !== null) {
  const message = await waitForMessage(plimsoll, { guid: sent.guid });
  console.log(`delivered to the hub in block ${message.delivered?.blockNumber}`);
}

// 2. The operators allot it: what each account may lose on birch, in every scenario.
for (const waiting of [account, counterparty]) {
  await waitForAccount(plimsoll, {
    account: waiting,
    what: "an allotment on birch",
    predicate: ({ portfolios }) =>
      portfolios.some((one) => one.eid === birch.eid && one.allotment !== null && one.allotment.grossLimit > 0n),
  });
}

// 3. A position on birch, of collateral that stays on alder.
const instrument = nameToId("BTC-PERP");
const { mark } = await getMark(plimsoll, { eid: birch.eid, instrument, account });
async function buy(size: bigint) {
  const order = { eid: birch.eid, instrument, limitPrice: mark };
  const taker = await signOrder(config, plimsoll, { ...order, account, size });
  const maker = await signOrder(config, plimsoll, { ...order, account: counterparty, size: -size });
  return trade(config, plimsoll, { maker, taker, size });
}
const bought = await buy(parseUsd("0.1"));
console.log(`bought ${formatUsd(bought.size)} BTC at ${formatUsd(bought.price)}, checked at epoch ${bought.epoch}`);

const held = await waitForAccount(plimsoll, {
  account,
  predicate: ({ portfolios }) => portfolios.some(({ positions }) => positions.length > 0),
});
const { base, initial, free } = marginOf(held);
console.log(`worth ${formatUsd(base)}, initial margin ${formatUsd(initial)}, free ${formatUsd(free)}`);

// 4. Too much is refused, with the reason, before anything is sent.
try {
  await buy(parseUsd("4"));
} catch (error) {
  if (!(error instanceof AllotmentExceeded)) throw error;
  console.log(`refused: ${formatUsd(error.excess)} USD too much in scenario ${error.scenario}. ${error.hint}`);
}

// 5. A withdrawal: asked for, approved by the operators, paid.
const asked = await requestWithdrawal(config, plimsoll, { eid, asset, amount: parseUnits("1000", decimals), account });
await waitForAccount(plimsoll, {
  account,
  what: "the withdrawal to be approved",
  predicate: ({ collateral }) =>
    collateral.some(
      (one) => one.eid === eid && one.asset === asset.toLowerCase() && one.approvedTotal >= asked.requestedTotal,
    ),
});
const paid = await claimWithdrawal(config, plimsoll, { eid, asset, account });
console.log(`paid ${formatUnits(paid.amount, decimals)} USDC to ${paid.to}`);
