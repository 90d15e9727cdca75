import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config } from "@wagmi/core";
import type { Address } from "viem";
import { type ReadContractErrorType, readContract } from "viem/actions";
import { liquidationOf } from "../chain/liquidationOf.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getMarket } from "../deployment.ts";
import type { NoLiquidation } from "../errors/contract.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { ChainNotConfigured, WrongChain } from "../errors/wallet.ts";

export interface GetAuctionParameters {
  /** The market's chain. */
  readonly eid: Eid;
  /** The chain's only market by default. */
  readonly market?: Address | undefined;
  readonly account: AccountId;
}

export interface Auction {
  /** Seconds since 1970. */
  readonly startedAt: number;
  /** The share of the risk taken that a taker is offered now, 1e18 for all: it grows from 0, and is 0 in the block that started it. */
  readonly discountRate: bigint;
}

/** Null where there is none. */
export type GetAuctionReturnType = Auction | null;
export type GetAuctionErrorType =
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | NoLiquidation
  | ChainNotConfigured
  | WrongChain
  | ReadContractErrorType;

/**
 * The auction of an account's book at a market, unless it is void for its age.
 * @example
 * const auction = await getAuction(config, plimsoll, { eid: birch.eid, account });
 */
export async function getAuction(
  config: Config,
  plimsoll: Plimsoll,
  parameters: GetAuctionParameters,
): Promise<GetAuctionReturnType> {
  const { eid, account } = parameters;
  const client = await verifiedClient(config, getChain(plimsoll.deployment, eid));
  const address = await liquidationOf(client, getMarket(plimsoll.deployment, eid, parameters.market));
  const contract = { abi: marketLiquidationAbi, address } as const;
  const [{ startedAt }, discountRate, voidSeconds] = await Promise.all([
    readContract(client, { ...contract, functionName: "auctionOf", args: [account] }),
    readContract(client, { ...contract, functionName: "discountRate", args: [account] }),
    readContract(client, { ...contract, functionName: "AUCTION_VOID_SECONDS" }),
  ]);
  const age = Date.now() / 1000 - Number(startedAt);
  return startedAt === 0n || (discountRate === 0n && age > voidSeconds)
    ? null
    : { startedAt: Number(startedAt), discountRate };
}
