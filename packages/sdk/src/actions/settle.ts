import { derivativeMarketAbi as abi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { makeAccountId, parseAccountId } from "@plimsoll/protocol/account";
import { instrumentStatus } from "@plimsoll/protocol/epoch";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, type TransactionReceipt } from "viem";
import { readContract } from "viem/actions";
import { withPostedProofs } from "../chain/postedProofs.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getMarket } from "../deployment.ts";
import type { StaleProof } from "../errors/contract.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";
import { fetchInstrumentProof } from "../node/fetchInstrumentProof.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";

export interface SettleParameters {
  /** The market's chain. */
  readonly eid: Eid;
  /** The chain's only market by default. */
  readonly market?: Address | undefined;
  /** A dated instrument that has expired. */
  readonly instrument: InstrumentId;
  /** Whose positions; the wallet's sub-account 0 by default. Those without one are passed over. */
  readonly accounts?: readonly AccountId[] | undefined;
  readonly connector?: Connector | undefined;
}

export interface SettleReturnType {
  readonly receipt: TransactionReceipt;
  /** What a unit was settled at, net of funding: USD with 8 decimals. */
  readonly price: bigint;
}

export type SettleErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | WalletNotConnected
  | StaleProof
  | RequestNodeErrorType
  | SendCallErrorType;

/**
 * Turns positions in an instrument that has expired into cash at the attested settlement price. Anybody may, for
 * anybody; what the accounts are worth does not change.
 *
 * @throws {ContractRefused} with `errorName` "NotSettled" if it has not expired, or operators have no price for it yet
 * @throws {StaleProof} if epochs kept overtaking the proof
 * @example
 * const { price } = await settle(config, plimsoll, { eid: cedar.eid, instrument: nameToId("BTC-MONTH") });
 */
export async function settle(
  config: Config,
  plimsoll: Plimsoll,
  parameters: SettleParameters,
): Promise<SettleReturnType> {
  const { eid, instrument } = parameters;
  const chain = getChain(plimsoll.deployment, eid);
  const market = getMarket(plimsoll.deployment, eid, parameters.market);
  const wallet = await getWallet(config, parameters.connector);
  const accounts = (parameters.accounts ?? [makeAccountId(wallet.address)]).map(parseAccountId);
  const client = await verifiedClient(config, chain);

  const receipt = await withPostedProofs(
    config,
    plimsoll,
    {
      chain,
      client,
      wallet,
      fetch: ({ epoch, skip }) => fetchInstrumentProof(plimsoll, { eid, instrument, epoch, skip }),
      suffices: ({ leaf }) => leaf.status === instrumentStatus.settled,
    },
    async ({ leaf, proof }) => {
      const data = encodeFunctionData({ abi, functionName: "settle", args: [accounts, leaf, proof] });
      return await sendCall(config, { chain, wallet, to: market, data });
    },
  );
  const [, price] = await readContract(client, {
    abi,
    address: market,
    functionName: "settlementOf",
    args: [instrument],
  });
  return { receipt, price };
}
