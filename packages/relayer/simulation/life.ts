import type { Clock } from "../src/clock.ts";
import type { EpochRef } from "../src/quorum/messages.ts";
import type { Store } from "../src/store/store.ts";
import type { TransactionStore } from "../src/transactions/store.ts";
import type { Disk } from "./disk.ts";
import { ProcessCrashed } from "./errors.ts";
import type { Faults } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";

/** One run of an operator's process, from a start to a crash. */
export interface Life {
  alive: boolean;
  /** Ends it: nothing that it awaits ever comes back to it. */
  readonly crash: () => void;
}

/** One of its own each time: a promise remembers all who wait for it, and with them a whole world that is over. */
const never = () => new Promise<never>(() => {});

/** An await of the process: it may crash before and after, and then never hears of the answer. */
export async function awaiting<T>(life: Life, faults: Faults, effect: () => Promise<T> | T): Promise<T> {
  if (life.alive && faults.strikes("crash-at-await")) life.crash();
  if (!life.alive) return await never();
  try {
    const result = await effect();
    return life.alive ? result : await never();
  } catch (error) {
    if (!life.alive) return await never();
    throw error;
  }
}

/** A quartz of its own: off by `offsetMs`, and running `rate` times as fast as the true time. */
export interface Quartz {
  offsetMs: number;
  rate: number;
  readonly setAtMs: number;
}

export function lifeClock(life: Life, scheduler: Scheduler, quartz: () => Quartz): Clock {
  return {
    nowMs: () => {
      const { offsetMs, rate, setAtMs } = quartz();
      return Math.floor(setAtMs + offsetMs + (scheduler.nowMs() - setAtMs) * rate);
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          signal?.removeEventListener("abort", wake);
          if (life.alive) resolve();
        };
        if (signal?.aborted) return wake();
        signal?.addEventListener("abort", wake, { once: true });
        scheduler.after(Math.max(0, ms) / quartz().rate, wake);
      }),
  };
}

const summaries: readonly (keyof Store)[] = [
  "summary",
  "numbered",
  "withContent",
  "newestAttested",
  "attested",
  "listAttested",
];
const ofSignatures: readonly (keyof Store)[] = ["signaturesOf", "equivocations"];
const ofJournal: readonly (keyof Store)[] = ["signed", "lastSigned", "highestSigned"];

/** Every write, and the reads that it may change. */
const writes: Partial<Record<keyof Store, readonly (keyof Store)[]>> = {
  recordSigned: [...summaries, ...ofSignatures, ...ofJournal, "highestEpoch"],
  saveVerified: [...summaries, ...ofSignatures, "highestEpoch"],
  addSignatures: ofSignatures,
  markAttested: summaries,
  prune: summaries,
  recordPosting: [],
};

const transactionWrites: ReadonlySet<keyof TransactionStore> = new Set([
  ...(["record", "markSent", "setWanted", "markMined", "markFinal", "markTaken", "forget", "reopen", "prune"] as const),
]);

/** A write during which the process may crash: before, in the middle, before the disk has it, or after. */
function mortalWrite<T>(write: () => T, disk: Disk, life: Life, faults: Faults): T {
  const end = (): never => {
    life.crash();
    throw new ProcessCrashed();
  };
  if (faults.strikes("crash-before-write")) end();
  if (faults.strikes("crash-mid-write")) {
    disk.tear(write);
    end();
  }
  if (faults.strikes("write-unsynced")) {
    // The call did return, but the power failed before the disk had it.
    disk.tear(write);
    end();
  }
  const result = write();
  if (faults.strikes("crash-after-write")) end();
  return result;
}

/** What reads gave, until a write that may change it: there is one writer, and nodes look far more often than anything changes. */
function rememberingReads<Name extends PropertyKey>() {
  const remembered = new Map<Name, Map<string, unknown>>();
  return {
    read(name: Name, method: Method, args: readonly unknown[]): unknown {
      const known = remembered.get(name) ?? new Map<string, unknown>();
      remembered.set(name, known);
      const key = args.map(keyOf).join();
      if (known.has(key)) return known.get(key);
      const result = method(...args);
      known.set(key, result);
      return result;
    },
    forget(names: readonly Name[]): void {
      for (const name of names) remembered.delete(name);
    },
    forgetAll: () => remembered.clear(),
  };
}

/** The real store, in a process that may crash before, during and after each write. */
export function mortalStore(store: Store, disk: Disk, life: Life, faults: Faults): Store {
  const memory = rememberingReads<keyof Store>();
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const method = target[name] as Method;
      return (...args: unknown[]) => {
        if (!life.alive) throw new ProcessCrashed();
        const changed = writes[name];
        if (changed === undefined) return name === "content" ? method(...args) : memory.read(name, method, args);
        memory.forget(changed);
        return mortalWrite(() => method(...args), disk, life, faults);
      };
    },
  });
}

/** The real record of transactions, in a process that may crash before, during and after each write. */
export function mortalTransactions(store: TransactionStore, disk: Disk, life: Life, faults: Faults): TransactionStore {
  const memory = rememberingReads<keyof TransactionStore>();
  return new Proxy(store, {
    get(target, name: keyof TransactionStore) {
      const method = target[name] as Method;
      return (...args: unknown[]) => {
        if (!life.alive) throw new ProcessCrashed();
        if (!transactionWrites.has(name)) return memory.read(name, method, args);
        memory.forgetAll();
        return mortalWrite(() => method(...args), disk, life, faults);
      };
    },
  });
}

type Method = (...args: unknown[]) => unknown;

/** Arguments of reads are numbers, names of epochs and keys of intents. */
const keyOf = (argument: unknown): string =>
  typeof argument === "object" && argument !== null ? (argument as EpochRef).digest : `${argument}`;
