import { collateralVaultAbi as abi } from "@plimsoll/contracts/abi/CollateralVault";
import { makeAccountId, parseAccountId, parseAddress } from "@plimsoll/protocol/account";
import type { MalformedAccountId, MalformedAddress } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import { type Config, type Connector, type SignTypedDataErrorType, signTypedData } from "@wagmi/core";
import { type Address, encodeFunctionData, erc20Abi, parseAbi, parseSignature, type ReadContractErrorType } from "viem";
import { readContract } from "viem/actions";
import { type DepositReceipt, type SendDepositErrorType, sendDeposit } from "../chain/sendDeposit.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet, selectChain } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getChain, getVault } from "../deployment.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import { type ChainNotConfigured, InsufficientBalance, type WalletNotConnected } from "../errors/wallet.ts";

export interface DepositWithPermitParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  /** An ERC-20 token with ERC-2612 permits. */
  readonly asset: Address;
  /** In the token's own decimals. */
  readonly amount: bigint;
  /** The wallet's sub-account 0 by default. It need not be the wallet's. */
  readonly account?: AccountId | undefined;
  /** Until when the permit may be used: seconds since 1970, an hour from now by default. */
  readonly deadlineSeconds?: number | undefined;
  /** The version in the token's EIP-712 domain; "1" by default. The dollar tokens of some chains have "2". */
  readonly version?: string | undefined;
  readonly connector?: Connector | undefined;
}

export type DepositWithPermitReturnType = DepositReceipt;
export type DepositWithPermitErrorType =
  | MalformedAccountId
  | MalformedAddress
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | ChainNotConfigured
  | InsufficientBalance
  | ReadContractErrorType
  | SignTypedDataErrorType
  | SendDepositErrorType;

const permitTypes = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

const permitAbi = parseAbi(["function nonces(address owner) view returns (uint256)"]);

/**
 * As `deposit`, with a signature in place of an approval: one transaction, and no allowance stays. For wallets that are
 * keys (a contract's signature is none to ERC-2612) and tokens that have permits.
 *
 * @throws {InsufficientBalance}
 * @throws {ContractRefused} where the token does not take the permit: another `version`, or none at all
 * @example
 * await depositWithPermit(config, plimsoll, { eid: alder.eid, asset: usdc, amount: parseUnits("1000", 6) });
 */
export async function depositWithPermit(
  config: Config,
  plimsoll: Plimsoll,
  parameters: DepositWithPermitParameters,
): Promise<DepositWithPermitReturnType> {
  const { eid, amount, version = "1" } = parameters;
  const asset = parseAddress(parameters.asset);
  const chain = getChain(plimsoll.deployment, eid);
  const vault = getVault(plimsoll.deployment, eid);
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));

  const client = await verifiedClient(config, chain);
  const owner = wallet.address;
  const [held, name, nonce] = await Promise.all([
    readContract(client, { abi: erc20Abi, address: asset, functionName: "balanceOf", args: [owner] }),
    readContract(client, { abi: erc20Abi, address: asset, functionName: "name" }),
    readContract(client, { abi: permitAbi, address: asset, functionName: "nonces", args: [owner] }),
  ]);
  if (held < amount) throw new InsufficientBalance(asset, held, amount);

  const deadline = BigInt(parameters.deadlineSeconds ?? Math.floor(Date.now() / 1000) + 3600);
  await selectChain(config, wallet, chain);
  const signature = await signTypedData(config, {
    domain: { name, version, chainId: chain.chainId, verifyingContract: asset },
    types: permitTypes,
    primaryType: "Permit",
    message: { owner, spender: vault, value: amount, nonce, deadline },
    connector: wallet.connector,
  });
  const { r, s, yParity } = parseSignature(signature);
  const permit = { deadline, v: 27 + yParity, r, s };
  const data = encodeFunctionData({ abi, functionName: "depositWithPermit", args: [account, asset, amount, permit] });
  return await sendDeposit(config, plimsoll, { chain, vault, wallet, account, data });
}
