import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { BaseError, type Client, ContractFunctionRevertedError } from "viem";
import { readContract } from "viem/actions";
import type { DeployedChain } from "../deployment.ts";

/** The newest epoch posted on a chain; 0 before the first. */
export async function postedEpoch(client: Client, chain: DeployedChain): Promise<bigint> {
  try {
    const [epoch] = await readContract(client, {
      abi: solvencyAttestationsAbi,
      address: chain.contracts.attestations,
      functionName: "newest",
    });
    return epoch;
  } catch (error) {
    const revert = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
    if (revert instanceof ContractFunctionRevertedError && revert.data?.errorName === "NoAttestation") return 0n;
    throw error;
  }
}
