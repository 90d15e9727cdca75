import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { makeAccountId, parseAccountId, parseAddress } from "@plimsoll/protocol/account";
import type { MalformedAccountId, MalformedAddress } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, encodeFunctionData } from "viem";
import { getBlock, readContract } from "viem/actions";
import { eventOf } from "../chain/eventOf.ts";
import { postedEpoch } from "../chain/postedEpoch.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { vaultTotals } from "../chain/vaultTotals.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import { ExitNotOpen, NothingToExit } from "../errors/contract.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";
import { fetchWithdrawalProof } from "../node/fetchWithdrawalProof.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";
import type { ClaimWithdrawalReturnType } from "./claimWithdrawal.ts";

export interface ClaimExitParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  readonly asset: Address;
  /** The wallet's sub-account 0 by default. Anybody may claim; the account's owner, or its named receiver, is paid. */
  readonly account?: AccountId | undefined;
  readonly connector?: Connector | undefined;
}

export type ClaimExitReturnType = ClaimWithdrawalReturnType;
export type ClaimExitErrorType =
  | MalformedAccountId
  | MalformedAddress
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | ExitNotOpen
  | NothingToExit
  | RequestNodeErrorType
  | SendCallErrorType;

/**
 * The way out without operators: once the vault's chain has had no valid attestation for the vault's exit delay, pays
 * what the owner asked for by `requestWithdrawal`, as far as the epoch posted last says that it is free: half of what an
 * account has that holds nothing, or what `keepForExit` chose. The proof comes from any node that still answers and has
 * that epoch.
 *
 * @throws {ExitNotOpen} with the second from which on it is, unless operators come back
 * @throws {NothingToExit} with the totals, if that epoch lets nothing more go, or nothing was asked for
 * @example
 * const { amount } = await claimExit(config, plimsoll, { eid: alder.eid, asset: usdc });
 */
export async function claimExit(
  config: Config,
  plimsoll: Plimsoll,
  parameters: ClaimExitParameters,
): Promise<ClaimExitReturnType> {
  const { eid } = parameters;
  const asset = parseAddress(parameters.asset);
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  const chain = getChain(plimsoll.deployment, eid);
  const vault = getVault(plimsoll.deployment, eid);
  const client = await verifiedClient(config, chain);
  const abi = collateralVaultAbi;

  const epoch = await postedEpoch(client, chain);
  const totals = await vaultTotals(client, { vault, account, asset });
  if (epoch === 0n) throw new NothingToExit({ ...totals, exitTotal: 0n });
  const [opensAt, { timestamp }] = await Promise.all([
    readContract(client, { abi, address: vault, functionName: "exitOpensAt" }),
    getBlock(client),
  ]);
  if (timestamp < opensAt) throw new ExitNotOpen(opensAt);

  const proven = await fetchWithdrawalProof(plimsoll, { eid, account, asset, epoch });
  const exitTotal = proven?.leaf.exitTotal ?? 0n;
  if (proven === null || exitTotal <= totals.withdrawnTotal || totals.requestedTotal <= totals.withdrawnTotal) {
    throw new NothingToExit({ ...totals, exitTotal });
  }
  const data = encodeFunctionData({ abi, functionName: "claimExit", args: [proven.leaf, proven.proof] });
  const receipt = await sendCall(config, { chain, wallet, to: vault, data });
  const { amount, withdrawn, to } = eventOf(receipt, { abi, emitter: vault, eventName: "Withdrawn" });
  return { receipt, amount, withdrawn, to, epoch };
}
