import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { Eid } from "@plimsoll/protocol/ids";
import { type Address, encodeFunctionData, pad } from "viem";
import type { TransactionBatch } from "../transactions.ts";
import type { PlimsollContracts } from "./contracts.ts";

/** One chain with what was deployed on it and the batch that its further transactions go through. */
export interface DeployingChain {
  readonly eid: Eid;
  readonly batch: TransactionBatch;
  readonly contracts: PlimsollContracts;
  /** Somebody's own, beside the market. */
  readonly consumers: readonly Address[];
}

/** The hub's contracts, all there. */
export interface HubContracts extends PlimsollContracts {
  readonly ledger: Address;
  readonly riskRegistry: Address;
  readonly operatorRegistry: Address;
}

export interface DeployingHub extends DeployingChain {
  readonly contracts: HubContracts;
}

/**
 * Makes the hub and another chain's contracts LayerZero peers: vault with ledger, attestations with operator registry.
 *
 * @example
 * for (const chain of others) wirePeers(hub, chain);
 */
export function wirePeers(hub: DeployingHub, chain: DeployingChain): void {
  const { ledger, operatorRegistry } = hub.contracts;
  const { vault, attestations } = chain.contracts;
  const peer = (batch: TransactionBatch, name: string, oapp: Address, eid: Eid, other: Address) =>
    batch.call(
      `${name}.setPeer(${eid})`,
      oapp,
      // `setPeer` is OAppCore's, the same in every OApp.
      encodeFunctionData({ abi: collateralVaultAbi, functionName: "setPeer", args: [eid, pad(other)] }),
    );
  peer(chain.batch, "SolvencyAttestations", attestations, hub.eid, operatorRegistry);
  peer(hub.batch, "OperatorRegistry", operatorRegistry, chain.eid, attestations);
  if (vault === null) return;
  peer(chain.batch, "CollateralVault", vault, hub.eid, ledger);
  peer(hub.batch, "CollateralLedger", ledger, chain.eid, vault);
}

/**
 * Introduces the hub's contracts to each other: they call directly, for LayerZero has no path from a chain to itself.
 *
 * @example
 * wireHub(hub);
 */
export function wireHub({ batch, contracts }: DeployingHub): void {
  batch.call(
    "SolvencyAttestations.setRegistry",
    contracts.attestations,
    encodeFunctionData({
      abi: solvencyAttestationsAbi,
      functionName: "setRegistry",
      args: [contracts.operatorRegistry],
    }),
  );
  if (contracts.vault === null) return;
  batch.call(
    "CollateralLedger.setLocalVault",
    contracts.ledger,
    encodeFunctionData({ abi: collateralLedgerAbi, functionName: "setLocalVault", args: [contracts.vault] }),
  );
}
