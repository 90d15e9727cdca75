import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { makeAccountId, parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, type TransactionReceipt, zeroAddress } from "viem";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { checkOwner, getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getHub, getMarket } from "../deployment.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import type { NotAccountOwner, WalletNotConnected } from "../errors/wallet.ts";

export interface SetWeightsParameters {
  /** The wallet's sub-account 0 by default. */
  readonly account?: AccountId | undefined;
  /** Relative, 0 to 65535. A market not named gets none; an empty list goes back to sharing by use. */
  readonly weights: readonly { readonly eid: Eid; readonly market?: Address | undefined; readonly weight: number }[];
  /**
   * Relative, 0 to 65535: what is kept for `claimExit` while the account holds nothing, and allotted to no market. Left out,
   * it is nothing beside markets, and half of the collateral where none is named. Without markets, 0 keeps nothing and any
   * other weight all of it: who then opens a position needs other weights an epoch or two before. See `keepForExit`.
   */
  readonly keptForExit?: number | undefined;
  readonly connector?: Connector | undefined;
}

export type SetWeightsReturnType = TransactionReceipt;
export type SetWeightsErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | WalletNotConnected
  | NotAccountOwner
  | SendCallErrorType;

/**
 * Says where an account's free capacity is wanted, and how much of it is kept for leaving without operators. It moves in
 * two steps: one epoch lowers the one market's allotment, and once that is posted there, the next raises the other's.
 *
 * @example
 * await setWeights(config, plimsoll, { weights: [{ eid: birch.eid, weight: 3 }, { eid: cedar.eid, weight: 1 }] });
 */
export async function setWeights(
  config: Config,
  plimsoll: Plimsoll,
  parameters: SetWeightsParameters,
): Promise<SetWeightsReturnType> {
  const hub = getHub(plimsoll.deployment);
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  checkOwner(account, wallet);
  const weights = parameters.weights.map(({ eid, market, weight }) => ({
    eid,
    consumer: getMarket(plimsoll.deployment, eid, market),
    weight,
  }));
  const { keptForExit } = parameters;
  if (keptForExit !== undefined) weights.push({ eid: 0, consumer: zeroAddress, weight: keptForExit });
  return sendCall(config, {
    chain: hub,
    wallet,
    to: hub.contracts.ledger,
    data: encodeFunctionData({ abi: collateralLedgerAbi, functionName: "setWeights", args: [account, weights] }),
  });
}
