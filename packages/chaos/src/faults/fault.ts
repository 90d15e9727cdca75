import type { RpcFaultKind } from "../rpc/misbehave.ts";

const processFaultKinds = ["operator-kill", "operator-pause", "anvil-kill", "anvil-pause"] as const;
const rpcFaultKinds = [
  "rpc-drop",
  "rpc-delay",
  "rpc-stale",
  "rpc-empty-logs",
  "rpc-wrong-hash",
] as const satisfies readonly RpcFaultKind[];

/** Every kind of fault there is. */
export const faultKinds = [...processFaultKinds, ...rpcFaultKinds, "reorg", "executor-off"] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What is done to whom. Operators and endpoints by their number from 0, chains by name. */
export type FaultAction =
  /** kill -9 of a node, with the indexer in it, and later a start from what it left on its disk. */
  | { readonly kind: "operator-kill"; readonly operator: number }
  /** SIGSTOP, and later SIGCONT. */
  | { readonly kind: "operator-pause"; readonly operator: number }
  /** kill -9 of a chain; it comes back with every block, and without what was waiting for one. */
  | { readonly kind: "anvil-kill"; readonly chain: string }
  | { readonly kind: "anvil-pause"; readonly chain: string }
  /** The newest blocks are replaced by empty ones. */
  | { readonly kind: "reorg"; readonly chain: string; readonly depth: number }
  | { readonly kind: RpcFaultKind; readonly operator: number; readonly chain: string; readonly endpoint: number }
  /** Messages are verified and not delivered. */
  | { readonly kind: "executor-off" };

/** One fault of a run. */
export interface Fault {
  /** From the start of the faults. */
  readonly atMs: number;
  readonly forMs: number;
  readonly action: FaultAction;
}

/** What a fault is done to: at most one fault at a time may be. */
export function targetOf(action: FaultAction): string {
  switch (action.kind) {
    case "operator-kill":
    case "operator-pause":
      return `operator-${action.operator + 1}`;
    case "anvil-kill":
    case "anvil-pause":
    case "reorg":
      return action.chain;
    case "executor-off":
      return "executor";
    default:
      return `operator-${action.operator + 1}'s endpoint ${action.endpoint + 1} of ${action.chain}`;
  }
}
