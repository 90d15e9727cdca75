import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { connectTrader, type Trader } from "@plimsoll/demo/story/cast";
import type { System } from "@plimsoll/demo/system/system";
import { underlyings } from "@plimsoll/devnet/plimsoll/market-data";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { depositNative } from "@plimsoll/sdk/actions/depositNative";
import { setWeights } from "@plimsoll/sdk/actions/setWeights";
import { waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { createPlimsoll, type Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { type DeployedChain, getChain } from "@plimsoll/sdk/deployment";
import { getConnection, waitForTransactionReceipt, writeContract } from "@wagmi/core";
import { type Address, getAddress, parseEther, parseUnits } from "viem";

/** Whoever deposits and trades, and where. */
export interface Traders {
  readonly plimsoll: Plimsoll;
  /** Each with an account of its own. */
  readonly takers: readonly [Trader, ...Trader[]];
  /** On the other side of every trade. */
  readonly maker: Trader;
  /** Holds nothing, keeps part of its collateral for an exit, and is paid in ether. */
  readonly leaver: Trader;
  readonly markets: readonly [DeployedChain, ...DeployedChain[]];
  readonly vaults: readonly [Vault, ...Vault[]];
  /** Bitcoin's, USD with 8 decimals: it never moves. */
  readonly priceE8: bigint;
}

export interface Vault {
  readonly chain: DeployedChain;
  readonly usdc: Address;
  /** The wrapped token. */
  readonly ether: Address;
}

/** A node that hangs must not hold a trader up for long. */
const nodeTimeoutMs = 2_000;
const makerDollars = parseUnits("1000000", 6);
const takerDollars = parseUnits("60000", 6);
const leaverDollars = parseUnits("30000", 6);
const leaverEther = parseEther("5");
const creditDeadlineMs = 120_000;

/** Connects alice, bob and the maker, and deposits for them until they may trade on every market. */
export async function gatherTraders({ devnet, operators }: System): Promise<Traders> {
  const { deployment, accounts } = devnet;
  const plimsoll = await createPlimsoll({
    nodes: operators.map(({ url }) => url),
    timeoutMilliseconds: nodeTimeoutMs,
    pollIntervalMilliseconds: 250,
  });
  const rpcUrls = Object.fromEntries(deployment.chains.map(({ name, rpcUrl }) => [name, rpcUrl]));
  const trader = (of: "alice" | "bob" | "maker" | "liquidator") => connectTrader(plimsoll, rpcUrls, accounts[of]);
  const vaultOn = (name: string): Vault => {
    const chain = getChain(plimsoll.deployment, name);
    const token = (symbol: string) =>
      getAddress(deployment.tokens.find((one) => one.eid === chain.eid && one.symbol === symbol)?.address ?? "0x");
    return { chain, usdc: token("USDC"), ether: token("WETH") };
  };
  const traders: Traders = {
    plimsoll,
    takers: [await trader("alice"), await trader("bob")],
    maker: await trader("maker"),
    leaver: await trader("liquidator"),
    markets: [getChain(plimsoll.deployment, "birch"), getChain(plimsoll.deployment, "cedar")],
    vaults: [vaultOn("alder"), vaultOn("birch")],
    priceE8: underlyings.find(({ name }) => name === "BTC")?.priceE8 ?? 0n,
  };
  await Promise.all([
    depositAndWait(traders, traders.maker, makerDollars),
    ...traders.takers.map((taker) => depositAndWait(traders, taker, takerDollars)),
    prepareLeaver(traders),
  ]);
  return traders;
}

/** Dollars and ether in each vault, what is paid in ether, and a share of it all kept for exit. */
async function prepareLeaver(traders: Traders): Promise<void> {
  const { plimsoll, leaver } = traders;
  for (const { chain, usdc } of traders.vaults) {
    await payInEther(leaver, chain);
    await deposit(leaver.config, plimsoll, { eid: chain.eid, asset: usdc, amount: leaverDollars });
    await depositNative(leaver.config, plimsoll, { eid: chain.eid, amount: leaverEther });
  }
  await keepForExit(traders, leaver, 2);
}

/** So much is kept for exit for every two that markets share. */
export async function keepForExit({ plimsoll, markets }: Traders, me: Trader, keptForExit: number): Promise<void> {
  const weights = markets.map(({ eid }) => ({ eid, weight: 1 }));
  await setWeights(me.config, plimsoll, { account: me.account, weights, keptForExit });
}

async function payInEther({ config, account }: Trader, { chainId, contracts }: DeployedChain): Promise<void> {
  const { address } = getConnection(config);
  if (address === undefined || contracts.vault === null) return;
  const hash = await writeContract(config, {
    ...{ chainId, address: contracts.vault, abi: collateralVaultAbi, functionName: "setPayout" },
    args: [account, address, true],
  });
  await waitForTransactionReceipt(config, { chainId, hash });
}

async function depositAndWait(traders: Traders, trader: Trader, amount: bigint): Promise<void> {
  const { plimsoll, markets } = traders;
  const [{ chain, usdc }] = traders.vaults;
  await deposit(trader.config, plimsoll, { eid: chain.eid, asset: usdc, amount });
  await waitForAccount(plimsoll, {
    account: trader.account,
    what: `${trader.name}'s first allotments`,
    timeoutMilliseconds: creditDeadlineMs,
    predicate: ({ portfolios }) =>
      markets.every(({ eid }) =>
        portfolios.some((one) => one.eid === eid && one.allotment !== null && one.allotment.grossLimit > 0n),
      ),
  });
}
