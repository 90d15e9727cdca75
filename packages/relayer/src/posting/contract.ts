import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { AttestationJson } from "@plimsoll/protocol/wire";
import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  type Hex,
  type PublicClient,
} from "viem";

/** What a call would do: take so much gas, or revert with this error. */
export type Simulated = { readonly gas: bigint } | { readonly revert: string };

/** The attestations of one chain, as somebody who posts there sees them. Calls reject when it cannot be reached. */
export interface AttestationContract {
  readonly address: Address;
  /** Null before the first. */
  newestEpoch(): Promise<number | null>;
  /** @param at `pending` sees what is in the endpoint's pool, too: others' posts, and our own. */
  simulate(attestation: AttestationJson, at: "latest" | "pending"): Promise<Simulated>;
  encode(attestation: AttestationJson): Hex;
}

export function createViemContract(reader: PublicClient, address: Address, from: Address): AttestationContract {
  const contract = { address, abi: solvencyAttestationsAbi } as const;
  const call = (attestation: AttestationJson) =>
    ({ ...contract, functionName: "post", args: [toContract(attestation)] }) as const;
  return {
    address,
    async newestEpoch() {
      try {
        const [epoch] = await reader.readContract({ ...contract, functionName: "newest" });
        return Number(epoch);
      } catch (error) {
        if (revertName(error) === "NoAttestation") return null;
        throw error;
      }
    },
    async simulate(attestation, at) {
      try {
        await reader.simulateContract({ ...call(attestation), account: from, blockTag: at });
        return { gas: await reader.estimateContractGas({ ...call(attestation), account: from, blockTag: at }) };
      } catch (error) {
        const revert = revertName(error);
        if (revert === null) throw error;
        return { revert };
      }
    },
    encode: (attestation) => encodeFunctionData(call(attestation)),
  };
}

/** The custom error that a call reverted with; null when it failed otherwise. */
export function revertName(error: unknown): string | null {
  if (!(error instanceof BaseError)) return null;
  const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(revert instanceof ContractFunctionRevertedError)) return null;
  return revert.data?.errorName ?? revert.shortMessage;
}

/** JSON's numbers as the contract's words. */
export function toContract({ header, chainRoot, chainPath, signatures }: AttestationJson) {
  return {
    header: {
      ...header,
      epoch: BigInt(header.epoch),
      issuedAt: BigInt(header.issuedAt),
      expiresAt: BigInt(header.expiresAt),
    },
    chainRoot,
    chainPath,
    signatures,
  };
}
