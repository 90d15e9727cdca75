import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { type Address, erc20Abi, type Hex, isAddressEqual, zeroAddress } from "viem";
import { type ChainReader, mapInTurn, wholeHistory } from "./reader.ts";
import type { Violation } from "./violation.ts";

/** What one account has of one asset at one vault, cumulative, in the token's own decimals. */
export interface VaultTotals {
  readonly vault: Address;
  readonly account: Hex;
  readonly asset: Address;
  readonly deposited: bigint;
  readonly withdrawn: bigint;
}

/** The totals of every account that the vault ever heard of. Empty where a chain has no vault. */
export async function readVaultTotals(reader: ChainReader): Promise<VaultTotals[]> {
  const { client, blockNumber, chain } = reader;
  const { vault } = chain.contracts;
  if (vault === null) return [];
  const contract = { address: vault, abi: collateralVaultAbi } as const;
  const deposits = await client.getContractEvents({
    ...contract,
    ...wholeHistory(reader),
    eventName: "Deposited",
    strict: true,
  });
  const accounts = [...new Set(deposits.map(({ args }) => args.account))];
  const assets = await client.readContract({ ...contract, functionName: "assets", blockNumber });
  const pairs = accounts.flatMap((account) => assets.map((asset) => ({ account, asset })));
  return await mapInTurn(pairs, async ({ account, asset }) => {
    const totals = { ...contract, functionName: "totals", args: [account, asset], blockNumber } as const;
    const [deposited, withdrawn] = await client.readContract(totals);
    return { vault, account, asset, deposited, withdrawn };
  });
}

/** Every vault holds what its accounts may claim, and its tokens came and went as its accounts' totals say. */
export async function checkVaults(reader: ChainReader, totals: readonly VaultTotals[]): Promise<Violation[]> {
  const { chain, client, blockNumber } = reader;
  const { vault } = chain.contracts;
  if (vault === null) return [];
  const assets = [...new Set(totals.map(({ asset }) => asset))];
  const found = await mapInTurn(assets, async (asset): Promise<Violation[]> => {
    const of = totals.filter((each) => isAddressEqual(each.asset, asset));
    const deposited = sum(of.map((each) => each.deposited));
    const withdrawn = sum(of.map((each) => each.withdrawn));
    const token = { address: asset, abi: erc20Abi } as const;
    const balance = await client.readContract({ ...token, functionName: "balanceOf", args: [vault], blockNumber });
    const transfers = await client.getContractEvents({
      ...token,
      ...wholeHistory(reader),
      eventName: "Transfer",
      strict: true,
    });
    const came = sum(transfers.filter(({ args }) => isAddressEqual(args.to, vault)).map(({ args }) => args.value));
    const went = sum(transfers.filter(({ args }) => isAddressEqual(args.from, vault)).map(({ args }) => args.value));
    const where = `${chain.name}, asset ${asset}`;
    const claims = deposited - withdrawn;
    return [
      ...violated(balance < claims, "vault-covers-claims", where, `holds ${balance}, accounts may claim ${claims}`),
      ...violated(came < deposited, "vault-accounts-for-tokens", where, `${deposited} deposited, ${came} came`),
      ...violated(went !== withdrawn, "vault-accounts-for-tokens", where, `${withdrawn} withdrawn, ${went} went`),
    ];
  });
  const ether = await checkEther(reader, vault);
  const beyond = totals
    .filter(({ deposited, withdrawn }) => withdrawn > deposited)
    .map(({ account, asset, deposited, withdrawn }): Violation => {
      const where = `${chain.name}, account ${account}, asset ${asset}`;
      return { invariant: "paid-once-as-approved", where, detail: `withdrew ${withdrawn} of ${deposited} deposited` };
    });
  return [...found.flat(), ...ether, ...beyond];
}

/** Every wrapped coin has its ether behind it, and none stays in the vault, which wraps and unwraps what passes through. */
async function checkEther({ chain, client, blockNumber }: ChainReader, vault: Address): Promise<Violation[]> {
  const contract = { address: vault, abi: collateralVaultAbi } as const;
  const wrapper = await client.readContract({ ...contract, functionName: "wrappedNative" });
  if (wrapper === zeroAddress) return [];
  const token = { address: wrapper, abi: erc20Abi } as const;
  const supply = await client.readContract({ ...token, functionName: "totalSupply", blockNumber });
  const behind = await client.getBalance({ address: wrapper, blockNumber });
  const left = await client.getBalance({ address: vault, blockNumber });
  const where = `${chain.name}, asset ${wrapper}`;
  return [
    ...violated(behind < supply, "ether-is-wrapped", where, `${supply} are wrapped, ${behind} lie behind them`),
    ...violated(left !== 0n, "ether-is-wrapped", where, `${left} of ether stayed in the vault`),
  ];
}

/** A list of one violation if there is one. */
export function violated(
  isViolated: boolean,
  invariant: Violation["invariant"],
  where: string,
  detail: string,
): Violation[] {
  return isViolated ? [{ invariant, where, detail }] : [];
}

export const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
