import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { Config } from "@wagmi/core";
import { encodeFunctionData, type TransactionReceipt } from "viem";
import type { DeployedChain } from "../deployment.ts";
import type { Attestation } from "../node/headerSchema.ts";
import { sendCall } from "./sendCall.ts";
import type { Wallet } from "./wallet.ts";

/**
 * Makes an epoch its chain's newest.
 * @throws {StaleProof} if the chain has it or a newer one by then
 */
export function postAttestation(
  config: Config,
  parameters: { chain: DeployedChain; wallet: Wallet; attestation: Attestation },
): Promise<TransactionReceipt> {
  const { chain, wallet, attestation } = parameters;
  return sendCall(config, {
    chain,
    wallet,
    to: chain.contracts.attestations,
    data: encodeFunctionData({ abi: solvencyAttestationsAbi, functionName: "post", args: [attestation] }),
  });
}
