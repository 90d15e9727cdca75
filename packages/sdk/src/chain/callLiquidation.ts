import type { AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import type { Address, Client, Hex, TransactionReceipt } from "viem";
import type { Plimsoll } from "../createPlimsoll.ts";
import { type DeployedChain, getChain, getMarket } from "../deployment.ts";
import type { NoLiquidation, StaleProof } from "../errors/contract.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";
import { fetchInstruments } from "../node/fetchInstruments.ts";
import { fetchTradeProofs } from "../node/fetchTradeProofs.ts";
import type { TradeProofs } from "../node/proofSchemas.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";
import { instrumentsToProve } from "./instrumentsToProve.ts";
import { liquidationOf } from "./liquidationOf.ts";
import { withPostedProofs } from "./postedProofs.ts";
import { type SendCallErrorType, sendCall } from "./sendCall.ts";
import { verifiedClient } from "./verifiedClient.ts";
import { getWallet, type Wallet } from "./wallet.ts";

/** Whose book it is, and where. */
export interface BookParameters {
  /** The market's chain. */
  readonly eid: Eid;
  /** The chain's only market by default. */
  readonly market?: Address | undefined;
  readonly account: AccountId;
  /** How often proofs are fetched if newer epochs overtake them; 4 by default. */
  readonly attempts?: number | undefined;
  /** Pays for the transaction; need not be of the account. */
  readonly connector?: Connector | undefined;
}

export type CallLiquidationErrorType =
  | StaleProof
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | NoLiquidation
  | WalletNotConnected
  | RequestNodeErrorType
  | SendCallErrorType;

/** A transaction of the market's liquidation contract. */
export interface LiquidationReceipt {
  readonly receipt: TransactionReceipt;
  /** The market's liquidation contract. */
  readonly liquidation: Address;
  /** The epoch whose leaves were proven. */
  readonly epoch: bigint;
}

export type MarginProofs = Omit<TradeProofs, "attestation">;

/** A position may be opened or closed between the estimate and the block. */
export const gasHeadroom = 150_000n;

/** Where a book lies, with whom to ask there and who pays. */
export interface BookPlace {
  readonly chain: DeployedChain;
  readonly market: Address;
  readonly liquidation: Address;
  readonly client: Client;
  readonly wallet: Wallet;
}

export async function placeOf(
  config: Config,
  { deployment }: Plimsoll,
  { eid, market: named, connector }: Pick<BookParameters, "eid" | "market" | "connector">,
): Promise<BookPlace> {
  const wallet = await getWallet(config, connector);
  const chain = getChain(deployment, eid);
  const market = getMarket(deployment, eid, named);
  const client = await verifiedClient(config, chain);
  return { chain, market, liquidation: await liquidationOf(client, market), client, wallet };
}

/**
 * Sends a call of a market's liquidation contract with leaves of the account and of `others`, and of every instrument
 * that any of them holds, once the chain has an epoch that `says` so of the account.
 */
export async function callLiquidation(
  config: Config,
  plimsoll: Plimsoll,
  parameters: BookParameters & {
    readonly others?: readonly AccountId[];
    /** To be proven besides. */
    readonly instruments?: readonly InstrumentId[];
    /** Whether an instrument has to be proven where nobody concerned holds any. */
    readonly cashNeedsOne?: boolean;
    readonly says: (status: number) => boolean;
    readonly data: (proofs: MarginProofs) => Hex;
  },
): Promise<LiquidationReceipt> {
  const place = await placeOf(config, plimsoll, parameters);
  return withBookProofs(config, plimsoll, { ...parameters, place }, async ({ attestation, ...proofs }) => {
    const { chain, wallet, liquidation } = place;
    const receipt = await sendCall(config, {
      chain,
      wallet,
      to: liquidation,
      data: parameters.data(proofs),
      gasHeadroom,
    });
    return { receipt, liquidation, epoch: attestation.header.epoch };
  });
}

/** As `callLiquidation`, for what only asks. */
export function withBookProofs<Result>(
  config: Config,
  plimsoll: Plimsoll,
  parameters: Pick<BookParameters, "account" | "attempts"> & {
    readonly place: BookPlace;
    readonly others?: readonly AccountId[];
    readonly instruments?: readonly InstrumentId[];
    readonly cashNeedsOne?: boolean;
    readonly says: (status: number) => boolean;
  },
  use: (proofs: TradeProofs) => Promise<Result>,
): Promise<Result> {
  const { account, others = [], instruments: besides = [], cashNeedsOne, says, attempts, place } = parameters;
  const { chain, market, client, wallet } = place;
  const accounts = [account, ...others];
  const id = account.toLowerCase();
  return withPostedProofs(
    config,
    plimsoll,
    {
      ...{ chain, client, wallet, attempts },
      fetch: async (at) => {
        const held = await instrumentsToProve(client, { market, accounts, instruments: besides });
        const [any] = cashNeedsOne && held.length === 0 ? await fetchInstruments(plimsoll) : [];
        const instruments = any === undefined ? held : [any.instrument];
        return fetchTradeProofs(plimsoll, { eid: chain.eid, market, accounts, instruments, ...at });
      },
      suffices: ({ accounts: leaves }) => leaves.some((leaf) => leaf.account === id && says(leaf.status)),
    },
    use,
  );
}
