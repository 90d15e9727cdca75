import type { Random } from "@plimsoll/protocol/simulation/random";
import { type Address, type Hex, hexToString, keccak256, stringToHex } from "viem";
import type { TransactionChain, UnsignedTransaction } from "../src/transactions/chain.ts";
import type { SenderPolicy } from "../src/transactions/policy.ts";
import type { Chain } from "./chain.ts";
import { SimulatedFault, Violation } from "./errors.ts";
import type { Faults } from "./faults.ts";
import { awaiting, type Life } from "./life.ts";
import type { Mempool, Signed } from "./mempool.ts";
import type { Scheduler } from "./scheduler.ts";

/** Blocks come every 450 ms and a spike of gas prices costs more than this. */
export const senderPolicy: SenderPolicy = {
  pollMs: 400,
  replaceAfterMs: 1_500,
  rebroadcastMs: 1_000,
  maxFeePerGasWei: 500n,
  minPriorityFeeWei: 1n,
  maxPriorityFeeWei: 50n,
  replacementPercent: 12,
  dailyBudgetWei: null,
  dailyReportBudgetWei: null,
  lowBalanceWei: 0n,
};

export interface EndpointOptions {
  readonly me: Address;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
}

/** An answer that takes some time, and that a crash of the process may keep from it. */
export function answering({ life, scheduler, random, faults }: EndpointOptions) {
  return <T>(run: () => T): Promise<T> =>
    awaiting(
      life,
      faults,
      () =>
        new Promise<T>((resolve, reject) => {
          scheduler.after(5 + random.below(60), () => {
            try {
              resolve(run());
            } catch (error) {
              reject(error);
            }
          });
        }),
    );
}

/**
 * One chain and one key, behind an endpoint that fails, tells what was true three blocks ago, and drops or holds back what it
 * is given.
 *
 * @param isRecorded Whether the operator's disk has a transaction for good.
 * @param broken Told what breaks a promise: thrown into the code under test it might be caught there.
 */
export function simulatedTransactionChain(
  options: EndpointOptions & {
    readonly isRecorded: (hash: Hex) => boolean;
    readonly broken: (error: unknown) => void;
  },
): TransactionChain {
  const { me, chain, mempool, scheduler, random, faults, isRecorded, broken } = options;
  const later = answering(options);
  const read = <T>(run: (state: ReturnType<Chain["head"]>["state"]) => T): Promise<T> =>
    later(() => {
      if (faults.strikes("rpc-failed")) throw new SimulatedFault("the endpoint does not answer");
      const stale = faults.strikes("rpc-stale") ? 3 : 0;
      return run((chain.blocks[Math.max(0, chain.head().number - stale)] ?? chain.head()).state);
    });
  return {
    eid: chain.eid,
    name: `chain-${chain.eid}`,
    address: me,
    transactionCount: (at) =>
      read((state) => {
        if (at === "pending") return mempool.pendingCount(me);
        const asOf = at === "finalized" ? chain.blocks[chain.finalizedNumber()]?.state : state;
        return asOf?.nonces.get(me) ?? 0;
      }),
    finalizedNumber: () => read(() => chain.finalizedNumber()),
    feeMarket: () =>
      read(({ number }) => ({
        ...{ baseFeePerGas: mempool.baseFeePerGas(), priorityFeePerGas: 2n, headNumber: number },
      })),
    balanceWei: () => read(() => 10n ** 18n),
    sign: (transaction) =>
      later(() => {
        const raw = stringToHex(
          JSON.stringify(transaction, (_, value) => (typeof value === "bigint" ? `${value}n` : value)),
        );
        // Of different keys: the same bytes are not the same transaction.
        return { hash: keccak256(stringToHex(`${me} ${raw}`)), raw };
      }),
    broadcast(raw) {
      const transaction = parse(me, raw);
      // Sent is sent, whatever the endpoint makes of it.
      try {
        if (!isRecorded(transaction.hash)) {
          throw new Violation(
            `${me.slice(0, 6)} sent a transaction with nonce ${transaction.nonce} that it has no record of`,
          );
        }
        mempool.saw(transaction);
      } catch (error) {
        broken(error);
      }
      return later(() => {
        if (faults.strikes("rpc-failed")) throw new SimulatedFault("the endpoint does not answer");
        if (faults.strikes("post-dropped")) return "accepted";
        if (faults.strikes("post-late")) {
          scheduler.after(random.below(6_000), () => mempool.take(transaction));
          return "accepted";
        }
        return mempool.take(transaction);
      });
    },
    inclusion: (hash) =>
      read(({ receipts }) => {
        const receipt = receipts.get(hash);
        const block = receipt === undefined ? undefined : chain.blocks[receipt.blockNumber];
        if (receipt === undefined || block === undefined) return null;
        const { succeeded, blockNumber } = receipt;
        return { hash, blockNumber, blockHash: block.hash, succeeded, gasUsed: 60_000, feeWei: 60_000n };
      }),
  };
}

function parse(from: Address, raw: Hex): Signed {
  const plain: UnsignedTransaction = JSON.parse(hexToString(raw), (_, value: unknown) =>
    typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
  return { ...plain, from, hash: keccak256(stringToHex(`${from} ${raw}`)) };
}
