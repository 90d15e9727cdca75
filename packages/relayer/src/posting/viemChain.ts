import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { AttestationJson } from "@plimsoll/protocol/wire";
import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  fallback,
  http,
  type LocalAccount,
} from "viem";
import { createSerialize } from "../serialize.ts";
import type { PostingChain, PostOutcome } from "./chain.ts";

export interface ViemChainOptions {
  readonly eid: number;
  readonly name: string;
  readonly chainId: number;
  readonly rpcUrls: readonly string[];
  readonly attestations: Address;
  /** Pays the gas. */
  readonly account: LocalAccount;
  readonly pollMs: number;
}

/** Reverts that time heals. */
const passing = new Set(["IssuedInFuture", "UnknownOperatorSet"]);
const receiptTimeoutMs = 60_000;

/** A chain behind JSON-RPC. One transaction at a time, so that nonces cannot collide. */
export function createViemChain(options: ViemChainOptions): PostingChain {
  const chain = defineChain({
    id: options.chainId,
    name: options.name,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: options.rpcUrls } },
  });
  const transport = fallback(options.rpcUrls.map((url) => http(url, { retryCount: 1, timeout: 10_000 })));
  const reader = createPublicClient({ chain, transport, pollingInterval: options.pollMs });
  const wallet = createWalletClient({ chain, transport, account: options.account });
  const contract = { address: options.attestations, abi: solvencyAttestationsAbi } as const;
  const serialize = createSerialize();

  const post = async (attestation: AttestationJson): Promise<PostOutcome> => {
    try {
      const call = { ...contract, functionName: "post", args: [toContract(attestation)] } as const;
      await reader.simulateContract({ ...call, account: options.account });
      const hash = await wallet.writeContract(call);
      const receipt = await reader.waitForTransactionReceipt({ hash, timeout: receiptTimeoutMs });
      // Somebody else's transaction came first: the simulation passed, the block did not.
      if (receipt.status === "reverted") return { outcome: "stale" };
      const { transactionHash, blockNumber, gasUsed } = receipt;
      return { outcome: "posted", transactionHash, blockNumber: Number(blockNumber), gasUsed: Number(gasUsed) };
    } catch (error) {
      const revert = revertName(error);
      if (revert === null) throw error;
      if (revert === "StaleEpoch") return { outcome: "stale" };
      return passing.has(revert) ? { outcome: "not-yet", because: revert } : { outcome: "refused", because: revert };
    }
  };

  return {
    eid: options.eid,
    name: options.name,
    async newestEpoch() {
      try {
        const [epoch] = await reader.readContract({ ...contract, functionName: "newest" });
        return Number(epoch);
      } catch (error) {
        if (revertName(error) === "NoAttestation") return null;
        throw error;
      }
    },
    post: (attestation) => serialize(() => post(attestation)),
  };
}

/** The custom error that a call reverted with; null when it failed otherwise. */
function revertName(error: unknown): string | null {
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
