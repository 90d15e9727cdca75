import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config } from "@wagmi/core";
import { type ReadContractErrorType, readContract } from "viem/actions";
import { decodeRevert } from "../chain/decodeRevert.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import type { ChainNotConfigured, WrongChain } from "../errors/wallet.ts";

export interface QuoteReportFeeParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  readonly account: AccountId;
}

/** Wei of the vault's chain; 0 on the hub, where no message is needed. */
export type QuoteReportFeeReturnType = bigint;
export type QuoteReportFeeErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoVault
  | ChainNotConfigured
  | WrongChain
  | ReadContractErrorType;

/**
 * What LayerZero charges now for telling the hub an account's totals.
 * @example
 * const wei = await quoteReportFee(config, plimsoll, { eid: alder.eid, account });
 */
export async function quoteReportFee(
  config: Config,
  plimsoll: Plimsoll,
  parameters: QuoteReportFeeParameters,
): Promise<QuoteReportFeeReturnType> {
  const { eid } = parameters;
  const account = parseAccountId(parameters.account);
  const address = getVault(plimsoll.deployment, eid);
  const client = await verifiedClient(config, getChain(plimsoll.deployment, eid));
  try {
    const fee = await readContract(client, {
      abi: collateralVaultAbi,
      address,
      functionName: "quoteReport",
      args: [account],
    });
    return fee.nativeFee;
  } catch (error) {
    throw decodeRevert(error) ?? error;
  }
}
