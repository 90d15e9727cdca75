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
 * stands in a leaf under a root that was posted on this chain by then, it was deposited, and nothing else was paid.
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
    const approved = proven?.approvedTotal ?? 0n;
    say(proven !== null && args.withdrawn > approved, `paid ${args.withdrawn} in all, approved ${approved}`);
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
  readonly approvedTotal: bigint;
  readonly proof: readonly Hex[];
}

/** What a claim's transaction showed; null for any other transaction. */
function provenLeaf(input: Hex): ProvenLeaf | null {
  try {
    const call = decodeFunctionData({ abi: collateralVaultAbi, data: input });
    if (call.functionName !== "claimWithdrawal") return null;
    const [leaf, proof] = call.args;
    return { hash: hashWithdrawalLeaf(leaf), approvedTotal: leaf.approvedTotal, proof };
  } catch {
    return null;
  }
}
