import type { Logger } from "pino";
import type { Hex } from "viem";
import type { Inclusion, Purpose, RefusedBecause } from "./intent.ts";

/** What happens to transactions: for logs and metrics. */
export type TransactionEvent =
  /** `attempt` 0 is the first; higher ones replaced it. */
  | {
      readonly type: "sent";
      readonly eid: number;
      readonly purpose: Purpose;
      readonly nonce: number;
      readonly attempt: number;
      readonly hash: Hex;
    }
  | ({
      readonly type: "mined";
      readonly eid: number;
      readonly purpose: Purpose;
      readonly key: string;
      readonly nonce: number;
    } & Inclusion)
  /** A reorg took it back: it is sent again. */
  | { readonly type: "reopened"; readonly eid: number; readonly nonce: number }
  /** A transaction that this node does not know used its nonce: somebody else holds the key, or another node runs on it. */
  | { readonly type: "taken"; readonly eid: number; readonly nonce: number }
  /** Far above the chain's count: an endpoint told a wrong one once. What it was for is sent again. */
  | { readonly type: "stranded"; readonly eid: number; readonly nonce: number }
  | { readonly type: "refused"; readonly eid: number; readonly purpose: Purpose; readonly because: RefusedBecause }
  /** Nodes will not take it as it is; its nonce is used up by a transfer to oneself. */
  | { readonly type: "rejected"; readonly eid: number; readonly purpose: Purpose; readonly nonce: number }
  /** It waits, and may not pay more. */
  | { readonly type: "capped"; readonly eid: number; readonly nonce: number; readonly because: RefusedBecause }
  /** It is tried again. */
  | { readonly type: "unreachable"; readonly eid: number; readonly error: unknown }
  | { readonly type: "balance"; readonly eid: number; readonly balanceWei: bigint; readonly isLow: boolean };

const levels = {
  sent: "debug",
  mined: "debug",
  reopened: "warn",
  taken: "error",
  stranded: "error",
  refused: "warn",
  rejected: "error",
  capped: "warn",
  unreachable: "warn",
} as const;

const messages = {
  sent: "transaction sent",
  mined: "transaction mined",
  reopened: "transaction taken back by a reorg",
  taken: "nonce used by somebody else: is the key in use elsewhere?",
  stranded: "nonce far above the chain's count given up: has an endpoint told a wrong one?",
  refused: "transaction not sent",
  rejected: "transaction rejected",
  capped: "transaction waits and may not pay more",
  unreachable: "transactions could not be looked after",
} as const;

/** Writes events as log lines; a low balance once when it falls, and once when it is well again. */
export function logTransactions(log: Logger): (event: TransactionEvent) => void {
  const low = new Set<number>();
  return (event) => {
    if (event.type !== "balance") {
      const { type, ...fields } = event;
      const plain =
        "feeWei" in fields
          ? { ...fields, feeWei: `${fields.feeWei}` }
          : "error" in fields
            ? { eid: fields.eid, err: fields.error }
            : fields;
      log[levels[type]](plain, messages[type]);
      return;
    }
    const { eid, balanceWei, isLow } = event;
    if (isLow === low.has(eid)) return;
    if (isLow) {
      low.add(eid);
      log.error({ eid, balanceWei: `${balanceWei}` }, "balance is low: without gas this node cannot post");
    } else {
      low.delete(eid);
      log.info({ eid, balanceWei: `${balanceWei}` }, "balance is well again");
    }
  };
}
