import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { Eid } from "@plimsoll/protocol/ids";
import { type Address, encodeFunctionData } from "viem";
import type { ConnectedChain } from "../layerzero/network.ts";
import type { TransactionBatch } from "../transactions.ts";

/** Members ascending, as contracts want them, and the smallest majority. */
export function operatorSetOf(operators: readonly Address[]) {
  return {
    members: [...operators].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
    threshold: Math.floor(operators.length / 2) + 1,
  };
}

/**
 * Names the operators on the hub. They are in force there at once, elsewhere after a broadcast.
 *
 * @example
 * installOperators(batch, hub.operatorRegistry, addresses);
 */
export function installOperators(batch: TransactionBatch, registry: Address, operators: readonly Address[]): void {
  const { members, threshold } = operatorSetOf(operators);
  batch.call(
    "OperatorRegistry.setOperators",
    registry,
    encodeFunctionData({ abi: operatorRegistryAbi, functionName: "setOperators", args: [members, threshold] }),
  );
}

/**
 * Sends the current set to other chains over LayerZero, paying what the registry quotes.
 *
 * @example
 * await broadcastOperators(hub, batch, registry, [40001, 40003]);
 */
export async function broadcastOperators(
  hub: ConnectedChain,
  batch: TransactionBatch,
  registry: Address,
  eids: readonly Eid[],
): Promise<void> {
  const contract = { address: registry, abi: operatorRegistryAbi } as const;
  for (const eid of eids) {
    const { nativeFee } = await hub.client.readContract({ ...contract, functionName: "quoteBroadcast", args: [eid] });
    batch.call(
      `OperatorRegistry.broadcast(${eid})`,
      registry,
      encodeFunctionData({ abi: operatorRegistryAbi, functionName: "broadcast", args: [eid] }),
      nativeFee,
    );
  }
  await batch.settle();
}

/**
 * Id of the operator set that is in force on a chain; 0 before the first has arrived.
 *
 * @example
 * const id = await operatorSetId(chain, contracts.attestations);
 */
export async function operatorSetId(chain: ConnectedChain, attestations: Address): Promise<number> {
  const [{ id }] = await chain.client.readContract({
    address: attestations,
    abi: solvencyAttestationsAbi,
    functionName: "operatorSet",
  });
  return id;
}
