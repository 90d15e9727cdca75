import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import type { DeploymentChain } from "@plimsoll/devnet/deployment";
import type { Devnet } from "@plimsoll/devnet/devnet";
import type { ConnectedChain } from "@plimsoll/devnet/layerzero/network";
import { receiptOf } from "@plimsoll/devnet/receipts";
import { joinSignatures, signHeader } from "@plimsoll/protocol/attestation";
import { hashChainRoot, hashWithdrawalLeaf } from "@plimsoll/protocol/leaves";
import { toContract } from "@plimsoll/relayer/posting/contract";
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  concatHex,
  encodeEventTopics,
  type Hex,
  keccak256,
  numberToHex,
  pad,
  size,
  toHex,
  zeroHash,
} from "viem";

/** One chain of a devnet, with everything on it. */
export interface On {
  readonly chain: ConnectedChain;
  readonly deployed: DeploymentChain;
  readonly vault: Address;
  readonly usdc: Address;
  /** Wrapped. */
  readonly ether: Address;
}

export function on({ chains, deployment }: Devnet, name: string): On {
  const chain = found(chains.find((each) => each.name === name));
  const deployed = found(deployment.chains.find((each) => each.name === name));
  const token = (symbol: string) =>
    deployment.tokens.find((one) => one.eid === chain.eid && one.symbol === symbol)?.address ?? "0x";
  return { chain, deployed, vault: deployed.contracts.vault ?? "0x", usdc: token("USDC"), ether: token("WETH") };
}

interface Call<abi extends Abi, name extends ContractFunctionName<abi, "payable" | "nonpayable">> {
  readonly from: Address;
  readonly to: Address;
  readonly abi: abi;
  readonly functionName: name;
  readonly args: ContractFunctionArgs<abi, "payable" | "nonpayable", name>;
  readonly value?: bigint;
}

/** Sends and mines a transaction of an account that anvil has, or pretends to have, the key of. */
export async function send<const abi extends Abi, name extends ContractFunctionName<abi, "payable" | "nonpayable">>(
  { client }: ConnectedChain,
  { from, to, ...call }: Call<abi, name>,
): Promise<void> {
  const common = { account: from, chain: null, address: to, gas: 2_000_000n };
  const hash = await client.writeContract({ ...common, ...call } as never);
  await client.mine({ blocks: 1 });
  const { status } = await receiptOf(client, hash);
  if (status !== "success") throw new ForgeryFailed(`${call.functionName} reverted`);
}

class ForgeryFailed extends Error {
  override readonly name = "ForgeryFailed";
}

/** Puts USDC into a vault, and pays for the report where there is one to pay for. */
export async function depositUsdc({ chain, vault, usdc }: On, from: Address, account: Hex, amount: bigint) {
  await send(chain, { from, to: usdc, abi: testTokenAbi, functionName: "approve", args: [vault, amount] });
  const contract = { address: vault, abi: collateralVaultAbi } as const;
  const { nativeFee } = await chain.client.readContract({ ...contract, functionName: "quoteReport", args: [account] });
  const deposit = { functionName: "deposit", args: [account, usdc, amount] } as const;
  await send(chain, { from, to: vault, abi: collateralVaultAbi, ...deposit, value: nativeFee });
}

/** Puts ether into a vault, unreported, is to be paid in ether, and asks for all of it. */
export async function depositEtherAndAsk({ chain, vault, ether }: On, owner: Address, account: Hex, amount: bigint) {
  const contract = { from: owner, to: vault, abi: collateralVaultAbi } as const;
  await send(chain, { ...contract, functionName: "depositNative", args: [account, amount], value: amount });
  await send(chain, { ...contract, functionName: "setPayout", args: [account, owner, true] });
  await send(chain, { ...contract, functionName: "requestWithdrawal", args: [account, ether, amount] });
}

/** A leaf that is the whole of its chain's tree: its hash is the chain's root, and its proof is empty. */
export function loneLeaf({ vault, usdc }: On, account: Hex, approvedTotal: bigint) {
  const leaf = { account, vault, asset: usdc, approvedTotal, exitTotal: approvedTotal };
  return { leaf, chainRoot: hashWithdrawalLeaf(leaf) };
}

/** As `loneLeaf`, of ether that may leave by exit alone. */
export function loneExit({ vault, ether }: On, account: Hex, exitTotal: bigint) {
  const leaf = { account, vault, asset: ether, approvedTotal: 0n, exitTotal };
  return { leaf, chainRoot: hashWithdrawalLeaf(leaf) };
}

/** Signs an epoch of one chain with the devnet's own operators' keys, and posts it there. */
export async function postSigned(devnet: Devnet, { chain, deployed }: On, epoch: number, chainRoot: Hex) {
  const { accounts, deployment } = devnet;
  const issuedAt = Number((await chain.client.getBlock()).timestamp);
  const header = {
    ...{ epoch, operatorSetId: 1, root: hashChainRoot(chain.eid, chainRoot), cutHash: zeroHash, riskVersion: 1 },
    ...{ issuedAt, expiresAt: issuedAt + 120 },
  };
  const signatures = await Promise.all(
    accounts.operators.map(({ privateKey }) => signHeader(header, deployment.domainSalt, privateKey)),
  );
  const attestation = toContract({ header, chainRoot, chainPath: [], signatures: joinSignatures(signatures) });
  const post = { abi: solvencyAttestationsAbi, functionName: "post", args: [attestation] } as const;
  await send(chain, { from: accounts.alice.address, to: deployed.contracts.attestations, ...post });
}

/** Shows a leaf to its vault. */
export async function claim(devnet: Devnet, { chain, vault }: On, { leaf }: ReturnType<typeof loneLeaf>) {
  const call = { abi: collateralVaultAbi, functionName: "claimWithdrawal", args: [leaf, []] } as const;
  await send(chain, { from: devnet.accounts.alice.address, to: vault, ...call });
}

/** Leaves by it. */
export async function exit(devnet: Devnet, { chain, vault }: On, { leaf }: ReturnType<typeof loneExit>) {
  const call = { abi: collateralVaultAbi, functionName: "claimExit", args: [leaf, []] } as const;
  await send(chain, { from: devnet.accounts.alice.address, to: vault, ...call });
}

/** Finds where a contract keeps a word, among its first slots or those that `keys` lead to, and writes another there. */
export async function overwrite(
  { client }: ConnectedChain,
  address: Address,
  keys: readonly Hex[],
  before: bigint,
  after: bigint,
): Promise<void> {
  const word = numberToHex(before, { size: 32 });
  for (let base = 0; base < 100; base++) {
    const slot = keys.reduce<Hex>(
      (inner, key) => keccak256(concatHex([pad(key, { size: 32 }), inner])),
      numberToHex(base, { size: 32 }),
    );
    if ((await client.getStorageAt({ address, slot })) !== word) continue;
    await client.setStorageAt({ address, index: slot, value: numberToHex(after, { size: 32 }) });
    return;
  }
  throw new ForgeryFailed(`no slot of ${address} holds ${word}`);
}

/** Has a chain's attestations believe that what was posted last expired in 1970. */
export async function expireLongAgo({ chain: { client }, deployed }: On): Promise<void> {
  const { attestations: address } = deployed.contracts;
  const newest = { address, abi: solvencyAttestationsAbi, functionName: "newest" } as const;
  const [epoch, , expiresAt] = await client.readContract(newest);
  const slots = Array.from({ length: 20 }, (_, slot) => numberToHex(slot, { size: 32 }));
  for (const slot of slots) {
    const word = BigInt((await client.getStorageAt({ address, slot })) ?? "0x0");
    // Two fields of 48 bits at its lower end.
    if (BigInt.asUintN(96, word) !== ((expiresAt << 48n) | epoch)) continue;
    const forged = ((word >> 96n) << 96n) | (1n << 48n) | epoch;
    return await client.setStorageAt({ address, index: slot, value: numberToHex(forged, { size: 32 }) });
  }
  throw new ForgeryFailed(`no slot of ${address} holds the newest attestation`);
}

/** A market's code that gives one account a position and cash of 1, and nobody the other side; called with nothing, it says so. */
export function lopsidedMarket(account: Hex, instrument: Hex): Hex {
  const [signature = "0x"] = encodeEventTopics({
    abi: derivativeMarketAbi,
    eventName: "PortfolioChanged",
    args: { account, instrument },
  });
  const told = concatHex(["0x7f", instrument, "0x7f", account, "0x7f", signature as Hex, "0x60405fa300"]);
  const answer: Hex = "0x5b60015f5260205ff3";
  // With calldata, jumps over what tells the event.
  return concatHex(["0x3660", toHex(4 + size(told), { size: 1 }), "0x57", told, answer]);
}

export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new ForgeryFailed("the devnet has no such thing");
  return value;
}
