import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { encodeFunctionData, type Hex, type TransactionReceipt, zeroHash } from "viem";
import { eventOf } from "../chain/eventOf.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";
import { withFeeMargin } from "../units/withFeeMargin.ts";
import { type QuoteReportFeeErrorType, quoteReportFee } from "./quoteReportFee.ts";

export interface ReportCollateralParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  /** Anybody's: whoever calls pays. */
  readonly account: AccountId;
  readonly connector?: Connector | undefined;
}

export interface ReportCollateralReturnType {
  readonly receipt: TransactionReceipt;
  readonly sequence: bigint;
  /** Null on the hub. */
  readonly guid: Hex | null;
  /** What LayerZero asked, in wei. */
  readonly feeWei: bigint;
}

export type ReportCollateralErrorType =
  | MalformedAccountId
  | WalletNotConnected
  | QuoteReportFeeErrorType
  | SendCallErrorType;

/**
 * Sends an account's totals at a vault to the hub again: after a deposit that was made without a report, or when a
 * message failed. Totals are cumulative, so repeating it does no harm.
 *
 * @example
 * const { guid } = await reportCollateral(config, plimsoll, { eid: alder.eid, account });
 */
export async function reportCollateral(
  config: Config,
  plimsoll: Plimsoll,
  parameters: ReportCollateralParameters,
): Promise<ReportCollateralReturnType> {
  const { eid } = parameters;
  const account = parseAccountId(parameters.account);
  const vault = getVault(plimsoll.deployment, eid);
  const wallet = await getWallet(config, parameters.connector);
  const feeWei = await quoteReportFee(config, plimsoll, { eid, account });
  const receipt = await sendCall(config, {
    chain: getChain(plimsoll.deployment, eid),
    wallet,
    to: vault,
    value: withFeeMargin(feeWei),
    data: encodeFunctionData({ abi: collateralVaultAbi, functionName: "report", args: [account] }),
  });
  const { sequence, guid } = eventOf(receipt, { abi: collateralVaultAbi, emitter: vault, eventName: "Reported" });
  return { receipt, sequence, guid: guid === zeroHash ? null : guid, feeWei };
}
