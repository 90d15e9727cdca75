import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { type ChainReader, mapInTurn } from "./reader.ts";
import { type VaultTotals, violated } from "./vaults.ts";
import type { Violation } from "./violation.ts";

/** A vault's totals, and what the hub has of them. */
export interface Reported extends VaultTotals {
  readonly reportedDeposited: bigint;
  readonly reportedWithdrawn: bigint;
}

/** What the hub's ledger has of one vault's accounts. */
export async function readReported(
  { client, chain, blockNumber }: ChainReader,
  vaultEid: number,
  totals: readonly VaultTotals[],
): Promise<Reported[]> {
  const { ledger } = chain.contracts;
  if (ledger === null) return [];
  return await mapInTurn(totals, async (held) => {
    const [reportedDeposited, reportedWithdrawn] = await client.readContract({
      address: ledger,
      abi: collateralLedgerAbi,
      functionName: "totals",
      args: [vaultEid, held.account, held.asset],
      blockNumber,
    });
    return { ...held, reportedDeposited, reportedWithdrawn };
  });
}

/** The hub never has more of a deposit than the vault: collateral cannot be counted before it is there. */
export function checkReported(vaultChain: string, reported: readonly Reported[]): Violation[] {
  return reported.flatMap(({ account, asset, deposited, withdrawn, reportedDeposited, reportedWithdrawn }) => {
    const where = `${vaultChain}, account ${account}, asset ${asset}`;
    const deposits = `the hub has ${reportedDeposited} deposited, the vault ${deposited}`;
    const withdrawals = `the hub has ${reportedWithdrawn} withdrawn, the vault ${withdrawn}`;
    return [
      ...violated(reportedDeposited > deposited, "ledger-below-vault", where, deposits),
      ...violated(reportedWithdrawn > withdrawn, "ledger-below-vault", where, withdrawals),
    ];
  });
}
