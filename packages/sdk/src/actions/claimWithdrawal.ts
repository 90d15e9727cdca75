import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { makeAccountId, parseAccountId, parseAddress } from "@plimsoll/protocol/account";
import type { MalformedAccountId, MalformedAddress } from "@plimsoll/protocol/errors";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { Config, Connector } from "@wagmi/core";
import { type Address, type Client, encodeFunctionData, type TransactionReceipt } from "viem";
import { eventOf } from "../chain/eventOf.ts";
import { postAttestation } from "../chain/postAttestation.ts";
import { postedEpoch } from "../chain/postedEpoch.ts";
import { type SendCallErrorType, sendCall } from "../chain/sendCall.ts";
import { vaultTotals } from "../chain/vaultTotals.ts";
import { verifiedClient } from "../chain/verifiedClient.ts";
import { getWallet, type Wallet } from "../chain/wallet.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { type DeployedChain, getChain, getVault } from "../deployment.ts";
import { StaleProof, WithdrawalNotApproved } from "../errors/contract.ts";
import type { NoVault, UnknownChain } from "../errors/deployment.ts";
import type { WaitTimedOut } from "../errors/waiting.ts";
import type { WalletNotConnected } from "../errors/wallet.ts";
import { fetchWithdrawalProof } from "../node/fetchWithdrawalProof.ts";
import type { WithdrawalProof } from "../node/proofSchemas.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";
import { pause, poll } from "../poll.ts";

export interface ClaimWithdrawalParameters {
  /** The vault's chain. */
  readonly eid: Eid;
  readonly asset: Address;
  /** The wallet's sub-account 0 by default. Anybody may claim; the account's owner is paid. */
  readonly account?: AccountId | undefined;
  /** How often the proof is fetched if newer epochs overtake it; 4 by default. */
  readonly attempts?: number | undefined;
  readonly connector?: Connector | undefined;
}

export interface ClaimWithdrawalReturnType {
  readonly receipt: TransactionReceipt;
  /** What was paid, in the token's own decimals. */
  readonly amount: bigint;
  /** All that was ever paid of the asset from this account at this vault. */
  readonly withdrawn: bigint;
  readonly to: Address;
  /** The epoch whose leaf was proven. */
  readonly epoch: bigint;
}

export type ClaimWithdrawalErrorType =
  | MalformedAccountId
  | MalformedAddress
  | UnknownChain
  | NoVault
  | WalletNotConnected
  | WithdrawalNotApproved
  | StaleProof
  | WaitTimedOut
  | RequestNodeErrorType
  | SendCallErrorType;

/**
 * Pays out what is approved and not yet paid, or as much of it as the vault's outflow limiter lets go: `withdrawn` says
 * how much that makes in all, and the rest is claimed by calling again later. Posts the newest attestation first if the
 * chain has not got it.
 *
 * @throws {WithdrawalNotApproved} with the totals, if there is nothing to be paid now
 * @throws {StaleProof} if epochs kept overtaking the proof
 * @throws {ContractRefused} with `errorName` "OutflowLimited" if the vault can pay nothing just now
 * @example
 * const { amount } = await claimWithdrawal(config, plimsoll, { eid: alder.eid, asset: usdc });
 */
export async function claimWithdrawal(
  config: Config,
  plimsoll: Plimsoll,
  parameters: ClaimWithdrawalParameters,
): Promise<ClaimWithdrawalReturnType> {
  const { eid, attempts = 4 } = parameters;
  const asset = parseAddress(parameters.asset);
  const wallet = await getWallet(config, parameters.connector);
  const account = parseAccountId(parameters.account ?? makeAccountId(wallet.address));
  for (let attempt = 1; ; attempt++) {
    try {
      return await claimOnce(config, plimsoll, { eid, asset, account, wallet, attempt });
    } catch (error) {
      if (attempt >= attempts || !(error instanceof StaleProof)) throw error;
      if (attempt > 1) await pause(plimsoll.pollIntervalMilliseconds);
    }
  }
}

async function claimOnce(
  config: Config,
  plimsoll: Plimsoll,
  parameters: { eid: Eid; asset: Address; account: AccountId; wallet: Wallet; attempt: number },
): Promise<ClaimWithdrawalReturnType> {
  const { eid, asset, account, wallet, attempt } = parameters;
  const chain = getChain(plimsoll.deployment, eid);
  const vault = getVault(plimsoll.deployment, eid);
  const client = await verifiedClient(config, chain);

  const newest = await fetchWithdrawalProof(plimsoll, { eid, account, asset, skip: attempt - 1 });
  const totals = await vaultTotals(client, { vault, account, asset });
  const approvedTotal = newest?.leaf.approvedTotal ?? 0n;
  if (newest === null || approvedTotal <= totals.withdrawnTotal) {
    throw new WithdrawalNotApproved({ ...totals, approvedTotal });
  }
  const proof = await provable(config, plimsoll, { newest, client, chain, wallet, skip: attempt - 1 });
  const { epoch } = proof.attestation.header;

  const abi = collateralVaultAbi;
  const data = encodeFunctionData({ abi, functionName: "claimWithdrawal", args: [proof.leaf, proof.proof] });
  const receipt = await sendCall(config, { chain, wallet, to: vault, data });
  const { amount, withdrawn, to } = eventOf(receipt, { abi, emitter: vault, eventName: "Withdrawn" });
  return { receipt, amount, withdrawn, to, epoch };
}

/**
 * The proof under the epoch that the chain has: its own epoch's where that already approves as much, which saves the
 * posting; else the newest one's, once it is posted, by us or by a relayer that was faster.
 */
async function provable(
  config: Config,
  plimsoll: Plimsoll,
  parameters: { newest: WithdrawalProof; client: Client; chain: DeployedChain; wallet: Wallet; skip: number },
): Promise<WithdrawalProof> {
  const { newest, client, chain, wallet, skip } = parameters;
  const { account, asset, approvedTotal } = newest.leaf;
  const { epoch } = newest.attestation.header;
  const posted = await postedEpoch(client, chain);
  if (posted === epoch) return newest;
  if (posted > 0n) {
    const there = await fetchWithdrawalProof(plimsoll, { eid: chain.eid, account, asset, epoch: posted, skip });
    if (there?.leaf.approvedTotal === approvedTotal) return there;
  }
  if (posted > epoch) throw new StaleProof(epoch, posted);
  try {
    await postAttestation(config, { chain, wallet, attestation: newest.attestation });
  } catch (error) {
    if (!(error instanceof StaleProof) || error.newest !== epoch) throw error;
    await untilPosted(plimsoll, { client, chain, epoch });
  }
  return newest;
}

/** A relayer's posting of the same epoch may be seen before its block: RPCs count what is pending. */
function untilPosted(
  plimsoll: Plimsoll,
  parameters: { client: Client; chain: DeployedChain; epoch: bigint },
): Promise<true> {
  const { client, chain, epoch } = parameters;
  return poll({
    what: `epoch ${epoch} to be posted on ${chain.name}`,
    timeoutMilliseconds: 60_000,
    intervalMilliseconds: plimsoll.pollIntervalMilliseconds,
    look: async () => ((await postedEpoch(client, chain)) >= epoch ? true : null),
  });
}
