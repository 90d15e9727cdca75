import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { makeAccountId, parseAccountId, parseAddress } from "@plimsoll/protocol/account";
import type { MalformedAccountId, MalformedAddress } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData, erc20Abi, type Hex, type TransactionReceipt, zeroHash } from "viem";
import { readContract } from "viem/actions";
import { eventOf } from "../chain/eventOf.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import { InsufficientBalance, type WalletNotConnected } from "../errors/wallet.ts";
import { withFeeMargin } from "../units/withFeeMargin.ts";
import { type ApproveCollateralErrorType, approveCollateral } from "./approveCollateral.ts";
import { type QuoteReportFeeErrorType, quoteReportFee } from "./quoteReportFee.ts";

export interface DepositParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  /** The ERC-20 token. */
  readonly asset: Address;
  /** In the token's own decimals. */
  readonly amount: bigint;
  /** The wallet's sub-account 0 by default. It need not be the wallet's. */
  readonly account?: AccountId | undefined;
  readonly connector?: Connector | undefined;
}

export interface DepositReturnType {
  readonly receipt: TransactionReceipt;
  readonly account: AccountId;
  /** What arrived, in the token's own decimals. */
  readonly amount: bigint;
  /** All that was ever deposited of the asset into the account at this vault. */
  readonly deposited: bigint;
  /** The vault's number for the account's report. */
  readonly sequence: bigint;
  /** The LayerZero message that carries the report to the hub; null on the hub, where none is needed. */
  readonly guid: Hex | null;
  /** What LayerZero asked for the report, in wei. Somewhat more is sent, and the vault refunds the rest. */
  readonly feeWei: bigint;
}

export type DepositErrorType =
  | MalformedAccountId
  | MalformedAddress
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | InsufficientBalance
  | ApproveCollateralErrorType
  | QuoteReportFeeErrorType
  | SendCallErrorType;

/**
 * Puts collateral into a vault and reports it to the hub: approves the vault if needed, quotes the message's fee and
 * deposits. It counts once the message is delivered and an epoch has seen it; see `waitForMessage`, `waitForAccount`.
 *
 * @example
 * const { guid } = await deposit(config, plimsoll, { eid: alder.eid, asset: usdc, amount: parseUnits("1000", 6) });
 */
export async function deposit(
  config: Config,
  plimsoll: Plimsoll,
  parameters: DepositParameters,
): Promise<DepositReturnType> {
  const { eid, amount, connector } = parameters;
  const asset = parseAddress(parameters.asset);
  const chain = getChain(plimsoll.deployment, eid);
  const vault = getVault(plimsoll.deployment, eid);
  const wallet = await getWallet(config, connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));

  const client = await verifiedClient(config, chain);
  const held = await readContract(client, {
    abi: erc20Abi,
    address: asset,
    functionName: "balanceOf",
    args: [wallet.address],
  });
  if (held < amount) throw new InsufficientBalance(asset, held, amount);
  await approveCollateral(config, plimsoll, { eid, asset, amount, connector: wallet.connector });

  const feeWei = await quoteReportFee(config, plimsoll, { eid, account });
  const receipt = await sendCall(config, {
    chain,
    wallet,
    to: vault,
    value: withFeeMargin(feeWei),
    data: encodeFunctionData({ abi: collateralVaultAbi, functionName: "deposit", args: [account, asset, amount] }),
  });
  const deposited = eventOf(receipt, { abi: collateralVaultAbi, emitter: vault, eventName: "Deposited" });
  const reported = eventOf(receipt, { abi: collateralVaultAbi, emitter: vault, eventName: "Reported" });
  return {
    receipt,
    account,
    amount: deposited.amount,
    deposited: deposited.deposited,
    sequence: reported.sequence,
    guid: reported.guid === zeroHash ? null : reported.guid,
    feeWei,
  };
}
