import { type Config, type SendTransactionErrorType, sendTransaction } from "@wagmi/core";
import type {
  Address,
  CallErrorType,
  EstimateGasErrorType,
  Hex,
  TransactionReceipt,
  WaitForTransactionReceiptErrorType,
} from "viem";
import { call, estimateGas, waitForTransactionReceipt } from "viem/actions";
import type { DeployedChain } from "../deployment.ts";
import { TransactionReverted } from "../errors/contract.ts";
import type { PlimsollError } from "../errors/plimsollError.ts";
import { decodeRevert } from "./decodeRevert.ts";
import { verifiedClient } from "./verifiedClient.ts";
import { selectChain, type Wallet } from "./wallet.ts";

export interface ContractCall {
  readonly chain: DeployedChain;
  readonly wallet: Wallet;
  readonly to: Address;
  readonly data: Hex;
  /** Native currency, in wei. */
  readonly value?: bigint;
  /** Gas limit. Given, the call is not simulated first. */
  readonly gas?: bigint | undefined;
  /** Gas beyond what is estimated, for work that others may do first, or not. */
  readonly gasHeadroom?: bigint | undefined;
}

export type SendCallErrorType =
  | PlimsollError
  | CallErrorType
  | EstimateGasErrorType
  | SendTransactionErrorType
  | WaitForTransactionReceiptErrorType;

/**
 * Simulates a call, sends it, and waits for its block.
 *
 * A refusal costs nothing where the simulation already shows it. If the state changes in between and the mined
 * transaction reverts, the call is repeated at its block to learn the reason; `TransactionReverted` is then the typed
 * error's cause.
 */
export async function sendCall(config: Config, contractCall: ContractCall): Promise<TransactionReceipt> {
  const { chain, wallet, to, data, value = 0n, gas, gasHeadroom } = contractCall;
  const client = await verifiedClient(config, chain);
  const request = { account: wallet.address, to, data, value };
  try {
    if (gas === undefined) await call(client, request);
  } catch (error) {
    throw decodeRevert(error) ?? error;
  }

  await selectChain(config, wallet, chain);
  let hash: Hex;
  try {
    const limit = gas ?? (gasHeadroom === undefined ? undefined : (await estimateGas(client, request)) + gasHeadroom);
    hash = await sendTransaction(config, {
      to,
      data,
      value,
      chainId: chain.chainId,
      connector: wallet.connector,
      ...(limit === undefined ? {} : { gas: limit }),
    });
  } catch (error) {
    throw decodeRevert(error) ?? error;
  }

  const receipt = await waitForTransactionReceipt(client, { hash });
  if (receipt.status === "success") return receipt;
  try {
    await call(client, { ...request, blockNumber: receipt.blockNumber });
  } catch (error) {
    const reverted = new TransactionReverted(hash, { cause: error });
    throw decodeRevert(reverted) ?? reverted;
  }
  throw new TransactionReverted(hash);
}
