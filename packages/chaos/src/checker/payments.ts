import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { hashWithdrawalLeaf } from "@plimsoll/protocol/leaves";
import { verifyProof } from "@plimsoll/protocol/merkle";
import { decodeFunctionData, type Hash, type Hex } from "viem";
import { type ChainReader, mapInTurn, wholeHistory } from "./reader.ts";
import { type VaultTotals, violated } from "./vaults.ts";
import type { Violation } from "./violation.ts";

/**
 * Every payment of a vault, from its own events: each pays what is missing to a higher total than before, that total
 * stands in a leaf under a root that was posted on this chain by then, it was deposited, and nothing else was paid. An
 * exit was proven under the root that was the newest one, when that had been expired for the vault's exit delay, and the
 * owner had asked for as much.
 */
export async function checkPayments(reader: ChainReader, totals: readonly VaultTotals[]): Promise<Violation[]> {
  const { chain, client } = reader;
  const { vault, attestations } = chain.contracts;
  if (vault === null) return [];
  const payments = await client.getContractEvents({
    address: vault,
    abi: collateralVaultAbi,
    ...wholeHistory(reader),
    eventName: "Withdrawn",
    strict: true,
  });
  const posted = await client.getContractEvents({
    address: attestations,
    abi: solvencyAttestationsAbi,
    ...wholeHistory(reader),
    eventName: "AttestationPosted",
    strict: true,
  });
  const exitDelay = await client.readContract({
    ...{ address: vault, abi: collateralVaultAbi, functionName: "exitDelaySeconds" },
  });
  const leaves = new Map(
    await mapInTurn([...new Set(payments.map(({ transactionHash }) => transactionHash))], async (hash) => {
      const { input } = await client.getTransaction({ hash });
      return [hash, provenLeaf(input)] as [Hash, ProvenLeaf | null];
    }),
  );

  const paid = new Map<string, bigint>();
  const violations: Violation[] = [];
  for (const { args, blockNumber, transactionHash } of payments) {
    const key = `${args.account}:${args.asset}`;
    const before = paid.get(key) ?? 0n;
    paid.set(key, args.withdrawn);
    const where = `${chain.name}, account ${args.account}, asset ${args.asset}, transaction ${transactionHash}`;
    const say = (isViolated: boolean, detail: string) =>
      violations.push(...violated(isViolated, "paid-once-as-approved", where, detail));
    say(args.withdrawn !== before + args.amount, `paid ${args.amount} after ${before}, which makes ${args.withdrawn}`);
    const proven = leaves.get(transactionHash) ?? null;
    const isUnderRoot = posted.some(
      (post) =>
        post.blockNumber <= blockNumber &&
        proven !== null &&
        verifyProof(post.args.chainRoot, proven.hash, proven.proof),
    );
    say(!isUnderRoot, "no root posted until then approved it");
    const most = proven?.most ?? 0n;
    say(proven !== null && args.withdrawn > most, `paid ${args.withdrawn} in all, attested ${most}`);
    if (proven?.isExit !== true) continue;
    const newest = posted.filter((post) => post.blockNumber <= blockNumber).at(-1);
    const { timestamp } = await client.getBlock({ blockNumber });
    const opened = (newest?.args.expiresAt ?? 0n) + exitDelay;
    const isNewest = newest !== undefined && verifyProof(newest.args.chainRoot, proven.hash, proven.proof);
    say(!isNewest, "an exit under a root that was not the newest");
    say(timestamp < opened, `an exit at ${timestamp}, which opened at ${opened}`);
    const requested = await client.readContract({
      ...{ address: vault, abi: collateralVaultAbi, functionName: "requestedTotal" },
      args: [args.account, args.asset],
      blockNumber,
    });
    say(args.withdrawn > requested, `an exit made it ${args.withdrawn}, asked for were ${requested}`);
  }
  for (const { account, asset, withdrawn } of totals) {
    const last = paid.get(`${account}:${asset}`) ?? 0n;
    const where = `${chain.name}, account ${account}, asset ${asset}`;
    violations.push(
      ...violated(
        withdrawn !== last,
        "paid-once-as-approved",
        where,
        `total ${withdrawn}, last payment made it ${last}`,
      ),
    );
  }
  return violations;
}

interface ProvenLeaf {
  readonly hash: Hex;
  /** Of what may be paid in all. */
  readonly most: bigint;
  readonly isExit: boolean;
  readonly proof: readonly Hex[];
}

/** What a claim's transaction showed; null for any other transaction. */
function provenLeaf(input: Hex): ProvenLeaf | null {
  try {
    const call = decodeFunctionData({ abi: collateralVaultAbi, data: input });
    const isExit = call.functionName === "claimExit";
    if (call.functionName !== "claimWithdrawal" && call.functionName !== "claimExit") return null;
    const [leaf, proof] = call.args;
    return { hash: hashWithdrawalLeaf(leaf), most: isExit ? leaf.exitTotal : leaf.approvedTotal, isExit, proof };
  } catch {
    return null;
  }
}
