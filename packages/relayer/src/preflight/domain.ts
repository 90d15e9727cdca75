import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { ChainConfig } from "@plimsoll/indexer/config";
import { attestationDigest } from "@plimsoll/protocol/attestation";
import type { Header } from "@plimsoll/protocol/epoch";
import type { Hex } from "viem";
import type { FileConfig } from "../config.ts";
import { exitCodes, RelayerError } from "../errors.ts";
import { readerOf } from "./reader.ts";

/** What this node would sign is not what a contract would check. */
export class WrongDomainError extends RelayerError {
  override readonly name = "WrongDomainError";

  constructor(chain: string) {
    super(`The attestations contract on ${chain} was made with another domainSalt.`, {
      code: "wrong-domain",
      hint: "Take domainSalt from the description of the deployment; it is the same on every chain.",
      exitCode: exitCodes.fixSomething,
    });
  }
}

const zero: Hex = `0x${"00".repeat(32)}`;
const sample: Header = {
  epoch: 1,
  operatorSetId: 1,
  root: zero,
  cutHash: zero,
  riskVersion: 1,
  issuedAt: 1,
  expiresAt: 2,
};

/** Whether a chain's contract hashes a header as this node does. Rejects when the chain cannot be asked. */
export async function hasSameDomain(chain: ChainConfig, domainSalt: Hex): Promise<boolean> {
  const digest = await readerOf(chain).readContract({
    address: chain.contracts.attestations,
    abi: solvencyAttestationsAbi,
    functionName: "digest",
    args: [
      {
        ...sample,
        epoch: BigInt(sample.epoch),
        issuedAt: BigInt(sample.issuedAt),
        expiresAt: BigInt(sample.expiresAt),
      },
    ],
  });
  return digest === attestationDigest(sample, domainSalt);
}

/**
 * Before serving: every chain that answers must take this node's signatures. One that does not answer is asked for
 * nothing: its trouble may pass.
 *
 * @throws WrongDomainError
 */
export async function refuseWrongDomain({
  chains,
  domainSalt,
}: Pick<FileConfig, "chains" | "domainSalt">): Promise<void> {
  await Promise.all(
    chains.map(async (chain) => {
      const same = await hasSameDomain(chain, domainSalt).catch(() => true);
      if (!same) throw new WrongDomainError(chain.name);
    }),
  );
}
