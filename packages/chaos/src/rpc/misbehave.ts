import { type Hex, hexToNumber, isHex, numberToHex } from "viem";

/** How an endpoint goes wrong. */
export type RpcFaultKind = "rpc-drop" | "rpc-delay" | "rpc-stale" | "rpc-empty-logs" | "rpc-wrong-hash";

interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What an endpoint makes of the calls it is asked. */
export interface Misbehaviour {
  /** Waited before anything else. */
  readonly delayMs: number;
  /** How many of the requests get no answer at all, 0 to 1. */
  readonly dropShare: number;
  /** What is asked of the true node instead. */
  ask(call: RpcCall): RpcCall;
  /** What is answered in place of the truth. `head` asks the true node for its newest block's number. */
  answer(call: RpcCall, truth: unknown, head: () => Promise<number>): unknown;
}

const honest: Misbehaviour = {
  delayMs: 0,
  dropShare: 0,
  ask: (call) => call,
  answer: (_, truth) => truth,
};

/** Blocks from the head to the newest final one. */
export interface MisbehaviourOptions {
  /** The head as the fault begins. */
  readonly head: number;
  /** A block so far below the head is final. */
  readonly finalityDepth: number;
}

/** The misbehaviour of a kind that begins now. */
export function misbehaviour(kind: RpcFaultKind, options: MisbehaviourOptions): Misbehaviour {
  switch (kind) {
    case "rpc-drop":
      return { ...honest, dropShare: 0.6 };
    case "rpc-delay":
      return { ...honest, delayMs: 1_500 };
    case "rpc-empty-logs":
      return { ...honest, answer: ({ method }, truth) => (method === "eth_getLogs" ? [] : truth) };
    case "rpc-stale":
      return stale(options);
    case "rpc-wrong-hash":
      return wrongHash(options);
  }
}

/** Stands still at the head that it had, in everything that it says: a node that lost its peers. */
function stale({ head, finalityDepth }: MisbehaviourOptions): Misbehaviour {
  const tags: Record<string, Hex> = {
    latest: numberToHex(head),
    pending: numberToHex(head),
    safe: numberToHex(Math.max(0, head - finalityDepth + 1)),
    finalized: numberToHex(Math.max(0, head - finalityDepth)),
  };
  const beyond = (quantity: unknown) => isHex(quantity) && hexToNumber(quantity) > head;
  const atMost = (quantity: unknown) => (beyond(quantity) ? numberToHex(head) : quantity);
  return {
    ...honest,
    ask: ({ method, params }) => ({
      method,
      params: params.map((param) => {
        if (typeof param === "string") return tags[param] ?? param;
        if (method !== "eth_getLogs" || typeof param !== "object" || param === null || "blockHash" in param)
          return param;
        const { toBlock = "latest", ...filter } = param as { readonly toBlock?: unknown };
        return { ...filter, toBlock: atMost(tags[String(toBlock)] ?? toBlock) };
      }),
    }),
    answer({ method, params }, truth) {
      if (method === "eth_blockNumber") return tags["latest"];
      if (method === "eth_getBlockByNumber" && beyond(params[0])) return null;
      const inBlock = typeof truth === "object" && truth !== null && "blockNumber" in truth ? truth.blockNumber : null;
      return beyond(inBlock) ? null : truth;
    },
  };
}

/**
 * Gives blocks that are not final yet under another hash, each the parent of the next: a fork that nobody else sees.
 * About final blocks it tells the truth. An endpoint that does not breaks its own finality, and the node then halts that
 * chain until a person has looked: no run could recover from that, nor should it.
 */
function wrongHash({ finalityDepth }: MisbehaviourOptions): Misbehaviour {
  return {
    ...honest,
    async answer({ method }, truth, head) {
      if (method !== "eth_getBlockByNumber" || typeof truth !== "object" || truth === null) return truth;
      const { number, hash, parentHash } = truth as { number: Hex; hash: Hex; parentHash: Hex };
      const firstFalse = (await head()) - finalityDepth + 1;
      if (hexToNumber(number) < firstFalse) return truth;
      const falseParent = hexToNumber(number) > firstFalse;
      return { ...truth, hash: bent(hash), parentHash: falseParent ? bent(parentHash) : parentHash };
    },
  };
}

/** Another hash, and the same one each time. */
const bent = (hash: Hex): Hex => `${hash.slice(0, -1)}${hash.endsWith("0") ? "1" : "0"}` as Hex;
