import { connectTrader, type Trader } from "@plimsoll/demo/story/cast";
import type { System } from "@plimsoll/demo/system/system";
import { underlyings } from "@plimsoll/devnet/plimsoll/market-data";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { createPlimsoll, type Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { type DeployedChain, getChain } from "@plimsoll/sdk/deployment";
import { type Address, getAddress, parseUnits } from "viem";

/** Whoever deposits and trades, and where. */
export interface Traders {
  readonly plimsoll: Plimsoll;
  /** Each with an account of its own. */
  readonly takers: readonly [Trader, ...Trader[]];
  /** On the other side of every trade. */
  readonly maker: Trader;
  readonly markets: readonly [DeployedChain, ...DeployedChain[]];
  readonly vaults: readonly [Vault, ...Vault[]];
  /** Bitcoin's, USD with 8 decimals: it never moves. */
  readonly priceE8: bigint;
}

interface Vault {
  readonly chain: DeployedChain;
  readonly usdc: Address;
}

/** A node that hangs must not hold a trader up for long. */
const nodeTimeoutMs = 2_000;
const makerDollars = parseUnits("1000000", 6);
const takerDollars = parseUnits("60000", 6);
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
  const trader = (of: "alice" | "bob" | "maker") => connectTrader(plimsoll, rpcUrls, accounts[of]);
  const vaultOn = (name: string): Vault => {
    const chain = getChain(plimsoll.deployment, name);
    const token = deployment.tokens.find(({ eid, symbol }) => eid === chain.eid && symbol === "USDC");
    return { chain, usdc: getAddress(token?.address ?? "0x") };
  };
  const traders: Traders = {
    plimsoll,
    takers: [await trader("alice"), await trader("bob")],
    maker: await trader("maker"),
    markets: [getChain(plimsoll.deployment, "birch"), getChain(plimsoll.deployment, "cedar")],
    vaults: [vaultOn("alder"), vaultOn("birch")],
    priceE8: underlyings.find(({ name }) => name === "BTC")?.priceE8 ?? 0n,
  };
  await Promise.all([
    depositAndWait(traders, traders.maker, makerDollars),
    ...traders.takers.map((taker) => depositAndWait(traders, taker, takerDollars)),
  ]);
  return traders;
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
