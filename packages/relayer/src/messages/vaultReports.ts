import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { type Address, encodeFunctionData, type Hex, type PublicClient, parseAbi, slice, zeroHash } from "viem";
import { revertName } from "../posting/contract.ts";
import type { ReportingChain, ReportsAtHub } from "./reporter.ts";

/** A call that has a vault report an account. */
export interface ReportCall {
  readonly to: Address;
  readonly data: Hex;
  /** LayerZero's fee, and some more; what is too much comes back. */
  readonly valueWei: bigint;
  readonly gasLimit: bigint;
}

/** Gas prices, and with them LayerZero's, move between quote and block; in per cent. */
const feeMarginPercent = 110n;
const gasMarginPercent = 125n;

/** The vault of one chain. */
export function createVaultReports(reader: PublicClient, vault: Address, from: Address): ReportingChain["prepare"] {
  const contract = { address: vault, abi: collateralVaultAbi } as const;
  return async (account) => {
    const call = { ...contract, functionName: "report", args: [account] } as const;
    try {
      const { nativeFee } = await reader.readContract({ ...contract, functionName: "quoteReport", args: [account] });
      const valueWei = (nativeFee * feeMarginPercent) / 100n;
      const gas = await reader.estimateContractGas({ ...call, value: valueWei, account: from });
      return { to: vault, data: encodeFunctionData(call), valueWei, gasLimit: (gas * gasMarginPercent) / 100n };
    } catch (error) {
      const revert = revertName(error);
      if (revert === null) throw error;
      return { refused: revert };
    }
  };
}

// ILayerZeroEndpointV2 and IMessagingChannel: which messages of a path are still open.
const channelAbi = parseAbi([
  "function lazyInboundNonce(address receiver, uint32 srcEid, bytes32 sender) view returns (uint64)",
  "function inboundPayloadHash(address receiver, uint32 srcEid, bytes32 sender, uint64 nonce) view returns (bytes32)",
]);

/** The hub's ledger, and LayerZero's endpoint there. */
export function createReportsAtHub(reader: PublicClient, endpoint: Address, ledger: Address): ReportsAtHub {
  const channel = { address: endpoint, abi: channelAbi } as const;
  return {
    async sequence(eid, account) {
      const contract = { address: ledger, abi: collateralLedgerAbi } as const;
      return Number(await reader.readContract({ ...contract, functionName: "sequence", args: [eid, account] }));
    },
    async canArrive({ nonce, srcEid, sender, receiver }) {
      const path = [slice(receiver, 12), srcEid, sender] as const;
      const executedUpTo = await reader.readContract({ ...channel, functionName: "lazyInboundNonce", args: path });
      if (nonce > executedUpTo) return true;
      // Below that a message is either verified and waits to be executed, or executed, or given up on (skip, burn).
      const args = [...path, nonce] as const;
      return (await reader.readContract({ ...channel, functionName: "inboundPayloadHash", args })) !== zeroHash;
    },
  };
}
