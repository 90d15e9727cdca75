import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { makeAccountId, parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import { type Config, type Connector, type SignTypedDataErrorType, signTypedData } from "@wagmi/core";
import { type Address, bytesToBigInt, type Hex, hashTypedData, type ReadContractErrorType } from "viem";
import { readContract } from "viem/actions";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { checkMayTrade, getWallet, selectChain } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getMarket } from "../deployment.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { ChainNotConfigured, NotAccountOwner, WalletNotConnected, WrongChain } from "../errors/wallet.ts";
import { type Order, orderTypedData } from "../orderTypedData.ts";

export interface SignOrderParameters {
  /** The market's chain. */
  readonly eid: Eid;
  /** The chain's only market by default. */
  readonly market?: Address | undefined;
  /** The wallet's sub-account 0 by default. */
  readonly account?: AccountId | undefined;
  /** For example nameToId("BTC-PERP"). */
  readonly instrument: InstrumentId;
  /** Units with 8 decimals; positive buys, negative sells. */
  readonly size: bigint;
  /** Most a buyer pays, least a seller takes: USD a unit with 8 decimals. */
  readonly limitPrice: bigint;
  /** Seconds since 1970; an hour from now by default. */
  readonly expirySeconds?: number | undefined;
  /** The account's series; read from the market by default. `cancelAllOrders` begins the next one. */
  readonly series?: bigint | undefined;
  /** Makes two equal orders two orders; random by default. */
  readonly salt?: bigint | undefined;
  readonly connector?: Connector | undefined;
}

/** An order that anybody may fill against one of the other side, on that chain and market alone. */
export interface SignedOrder {
  readonly eid: Eid;
  readonly market: Address;
  readonly order: Order;
  readonly signature: Hex;
  /** Names the order in the market: its EIP-712 digest. */
  readonly digest: Hex;
}

export type SignOrderReturnType = SignedOrder;
export type SignOrderErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | WalletNotConnected
  | ChainNotConfigured
  | WrongChain
  | NotAccountOwner
  | ReadContractErrorType
  | SignTypedDataErrorType;

/**
 * Signs an order. Nothing is sent: give the order to a counterparty, a matcher, or `trade`.
 *
 * A delegate's wallet (setDelegate) signs as well as the owner's.
 *
 * @throws {NotAccountOwner} if the wallet neither owns the account nor may trade for it
 * @example
 * const order = await signOrder(config, plimsoll, {
 *   eid: birch.eid,
 *   instrument: nameToId("BTC-PERP"),
 *   size: parseUsd("0.5"),
 *   limitPrice: parseUsd("121600"),
 * });
 */
export async function signOrder(
  config: Config,
  plimsoll: Plimsoll,
  parameters: SignOrderParameters,
): Promise<SignOrderReturnType> {
  const { eid, instrument, size, limitPrice } = parameters;
  const chain = getChain(plimsoll.deployment, eid);
  const market = getMarket(plimsoll.deployment, eid, parameters.market);
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  const client = await verifiedClient(config, chain);
  await checkMayTrade(client, { market, account, wallet });
  const current = { abi: derivativeMarketAbi, address: market, functionName: "seriesOf", args: [account] } as const;

  const order: Order = {
    account,
    instrument,
    size,
    limitPrice,
    expiry: BigInt(parameters.expirySeconds ?? Math.floor(Date.now() / 1000) + 3600),
    series: parameters.series ?? (await readContract(client, current)),
    salt: parameters.salt ?? bytesToBigInt(crypto.getRandomValues(new Uint8Array(8))),
  };
  const typedData = orderTypedData({ chainId: chain.chainId, market, order });
  await selectChain(config, wallet, chain);
  const signature = await signTypedData(config, { ...typedData, connector: wallet.connector });
  return { eid, market, order, signature, digest: hashTypedData(typedData) };
}
