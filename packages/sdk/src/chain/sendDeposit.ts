import { collateralVaultAbi as abi } from "@plimsoll/contracts/abi/CollateralVault";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Config } from "@wagmi/core";
import { type Address, type Hex, type TransactionReceipt, zeroHash } from "viem";
import { type QuoteReportFeeErrorType, quoteReportFee } from "../actions/quoteReportFee.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import type { DeployedChain } from "../deployment.ts";
import type { MissingEvent } from "../errors/contract.ts";
import { withFeeMargin } from "../units/withFeeMargin.ts";
import { eventOf } from "./eventOf.ts";
import { type SendCallErrorType, sendCall } from "./sendCall.ts";
import type { Wallet } from "./wallet.ts";

/** A deposit of whatever kind, as the vault tells of it. */
export interface DepositReceipt {
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

export interface SendDepositParameters {
  readonly chain: DeployedChain;
  readonly vault: Address;
  readonly wallet: Wallet;
  readonly account: AccountId;
  /** The call of the vault. */
  readonly data: Hex;
  /** Sent beyond the report's fee, in wei. */
  readonly value?: bigint;
}

export type SendDepositErrorType = MissingEvent | QuoteReportFeeErrorType | SendCallErrorType;

/** Calls a vault to deposit, with the fee of the report that it sends. */
export async function sendDeposit(
  config: Config,
  plimsoll: Plimsoll,
  { chain, vault, wallet, account, data, value = 0n }: SendDepositParameters,
): Promise<DepositReceipt> {
  const feeWei = await quoteReportFee(config, plimsoll, { eid: chain.eid, account });
  const receipt = await sendCall(config, { chain, wallet, to: vault, value: value + withFeeMargin(feeWei), data });
  const deposited = eventOf(receipt, { abi, emitter: vault, eventName: "Deposited" });
  const reported = eventOf(receipt, { abi, emitter: vault, eventName: "Reported" });
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
