import { openDatabase } from "@plimsoll/indexer/database";
import fc from "fast-check";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "../../test/support/clock.ts";
import { type TestMempool, testMempool, Unreachable } from "../../test/support/mempool.ts";
import { migrateStore } from "../store/migrate.ts";
import { logTransactions, type TransactionEvent } from "./events.ts";
import type { Intent } from "./intent.ts";
import type { SenderPolicy } from "./policy.ts";
import { createSender, type Sender } from "./sender.ts";
import { createSqliteTransactionStore } from "./sqliteTransactionStore.ts";
import type { TransactionStore } from "./store.ts";

const template = (() => {
  const database = openDatabase(":memory:");
  migrateStore(database);
  return database;
})();

const policy: SenderPolicy = {
  maxFeePerGasWei: 10_000n,
  minPriorityFeeWei: 1n,
  maxPriorityFeeWei: 5_000n,
  replacementPercent: 12,
  pollMs: 100,
  replaceAfterMs: 3_000,
  rebroadcastMs: 1_000,
  dailyBudgetWei: null,
  dailyReportBudgetWei: null,
  lowBalanceWei: 0n,
};

interface World {
  readonly chain: TestMempool;
  readonly store: TransactionStore;
  readonly events: TransactionEvent[];
  readonly clock: ReturnType<typeof manualClock>;
  /** The process is gone, and comes back with what is on disk. */
  restart(over?: Partial<SenderPolicy>): Sender;
}

function world(): World {
  template.sqlite.exec("DELETE FROM relayer_nonces; DELETE FROM relayer_attempts");
  const chain = testMempool();
  const clock = manualClock(1_760_000_000_000);
  const store = createSqliteTransactionStore(template.drizzle, chain.eid);
  const events: TransactionEvent[] = [];
  return {
    ...{ chain, store, events, clock },
    restart: (over = {}) =>
      createSender({ chain, store, clock, policy: { ...policy, ...over }, observe: (event) => events.push(event) }),
  };
}

const intent = (key: string, over: Partial<Intent> = {}): Intent => ({
  key,
  purpose: "report",
  to: `0x${"bb".repeat(20)}`,
  data: `0x${"11".repeat(400)}`,
  valueWei: 0n,
  gasLimit: 60_000n,
  expiresAtMs: null,
  supersedes: false,
  ...over,
});
const post = (epoch: number, over: Partial<Intent> = {}) =>
  intent(`post:${epoch}`, { purpose: "post", supersedes: true, ...over });

let around: World;
let sender: Sender;
beforeEach(() => {
  around = world();
  sender = around.restart();
});
afterEach(() => around.chain.pool.clear());

/** Time passes, with a block a second. */
async function pass(seconds: number, { mining = true } = {}): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    around.clock.advance(1_000);
    if (mining) around.chain.mine();
    else around.chain.mine(0);
    await sender.tend();
  }
}

describe("a sender", () => {
  test("default: what is handed in is mined, once, whoever asks again", async () => {
    const outcomes = await Promise.all([sender.submit(intent("a")), sender.submit(intent("b"))]);
    expect(outcomes).toMatchObject([
      { outcome: "pending", nonce: 0 },
      { outcome: "pending", nonce: 1 },
    ]);
    await sender.submit(intent("a"));
    await pass(1);
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined", succeeded: true });
    expect(await sender.submit(intent("b"))).toMatchObject({ outcome: "mined" });
    await pass(10);
    expect(around.store.unsettled()).toEqual([]);
    expect(around.chain.mined()).toHaveLength(2);
  });

  test("behavior: what is stuck is replaced by more than geth demands, and never beyond the cap", async () => {
    sender = around.restart({ maxFeePerGasWei: 60n });
    await sender.submit(intent("a"));
    await pass(60, { mining: false });
    const attempts = around.store.unsettled()[0]?.attempts ?? [];
    expect(attempts.length).toBeGreaterThan(3);
    for (const [index, newer] of attempts.slice(0, -1).entries()) {
      const older = attempts[index + 1] ?? expect.unreachable();
      expect(newer.maxFeePerGas * 100n).toBeGreaterThanOrEqual(older.maxFeePerGas * 110n);
      expect(newer.maxPriorityFeePerGas * 100n).toBeGreaterThanOrEqual(older.maxPriorityFeePerGas * 110n);
      expect(newer.maxFeePerGas).toBeLessThanOrEqual(60n);
    }
    expect(around.events.filter(({ type }) => type === "capped")).toHaveLength(1);
    await pass(2);
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined" });
  });

  test("behavior: what a pool calls too cheap is replaced at once, and once", async () => {
    const { broadcast } = around.chain;
    around.chain.broadcast = async () => "underpriced";
    await sender.submit(intent("a"));
    around.chain.broadcast = broadcast;
    for (let times = 0; times < 3; times++) await sender.tend();
    const fees = around.store.unsettled()[0]?.attempts.map(({ maxFeePerGas }) => maxFeePerGas) ?? [];
    expect(fees).toHaveLength(2);
    expect(fees[0]).toBeGreaterThan(fees[1] ?? 0n);
  });

  test("behavior: a chain that stands still is no reason to pay more", async () => {
    await sender.submit(intent("a"));
    for (let second = 0; second < 60; second++) {
      around.clock.advance(1_000);
      await sender.tend();
    }
    expect(around.store.unsettled()[0]?.attempts).toHaveLength(1);
  });

  test("behavior: what a pool forgot is handed to it again, byte for byte", async () => {
    await sender.submit(intent("a"));
    const [before] = around.chain.pool.values();
    around.chain.pool.clear();
    await pass(3);
    expect(around.chain.mined()).toMatchObject([{ hash: before?.hash }]);
  });

  test("behavior: what a reorg took back is mined again", async () => {
    await sender.submit(intent("a"));
    await pass(2);
    around.chain.reorg(2, () => true);
    expect(around.chain.mined()).toEqual([]);
    // Nobody is told that it is in a block, nor would be after a restart, until it is in one again.
    await sender.tend();
    expect(around.restart().outcome("a")).toMatchObject({ outcome: "pending" });
    await pass(3);
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined" });
    expect(around.events.map(({ type }) => type)).toContain("reopened");
    expect(around.chain.mined()).toHaveLength(1);
  });

  test("behavior: killed between the record and the sending, it is sent after the restart", async () => {
    around.chain.onCall = (method) => {
      if (method === "broadcast") throw new Unreachable();
    };
    await expect(sender.submit(intent("a"))).rejects.toThrow(Unreachable);
    around.chain.onCall = () => {};
    sender = around.restart();
    expect(sender.outcome("a")).toMatchObject({ outcome: "pending", nonce: 0 });
    await sender.submit(intent("a"));
    await pass(2);
    expect(around.chain.mined()).toHaveLength(1);
  });

  test("behavior: killed before the answer, nothing is sent twice", async () => {
    around.chain.onCall = (method) => {
      if (method === "broadcast answered") throw new Unreachable();
    };
    await expect(sender.submit(intent("a"))).rejects.toThrow(Unreachable);
    around.chain.onCall = () => {};
    around.chain.mine();
    sender = around.restart();
    expect(await sender.submit(intent("a"))).toMatchObject({ outcome: "pending" });
    await pass(2);
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined" });
    expect(around.chain.mined()).toHaveLength(1);
  });

  test("behavior: a newer post takes the nonce of an older one", async () => {
    await sender.submit(post(1));
    expect(await sender.submit(post(2))).toMatchObject({ outcome: "pending", nonce: 0 });
    expect(sender.outcome("post:1")).toMatchObject({ outcome: "displaced" });
    await pass(2);
    expect(around.chain.mined()).toHaveLength(1);
    expect(sender.outcome("post:2")).toMatchObject({ outcome: "mined" });
  });

  test("behavior: the older of two was mined: the newer one waits until that is final, and is sent then", async () => {
    await sender.submit(post(1));
    const [first] = around.chain.pool.values();
    await sender.submit(post(2));
    if (first !== undefined) around.chain.pool.set(0, first);
    await pass(1);
    expect(sender.outcome("post:2")).toMatchObject({ outcome: "displaced" });
    expect(await sender.submit(post(2))).toMatchObject({ outcome: "displaced" });
    await pass(6);
    expect(await sender.submit(post(2))).toMatchObject({ outcome: "pending", nonce: 1 });
  });

  test("behavior: what nobody needs is cancelled, and its nonce serves the next", async () => {
    await sender.submit(post(1));
    sender.abandon((purpose) => purpose === "post");
    await sender.tend();
    expect([...around.chain.pool.values()]).toMatchObject([{ nonce: 0, to: around.chain.address, gasLimit: 21_000n }]);
    expect(await sender.submit(intent("a"))).toMatchObject({ outcome: "pending", nonce: 0 });
    await pass(2);
    expect(around.chain.mined()).toMatchObject([{ nonce: 0, gasLimit: 60_000n }]);
  });

  test("behavior: what expired goes the same way; with fees out of reach it is left for the next", async () => {
    const now = around.clock.nowMs();
    await sender.submit(post(1, { expiresAtMs: now + 2_000 }));
    around.chain.baseFeePerGas = 100n;
    await pass(4);
    expect(around.store.unsettled()).toMatchObject([{ unwanted: true }]);
    expect(around.store.unsettled()[0]?.attempts).toHaveLength(1);
    expect(await sender.submit(post(2))).toMatchObject({ outcome: "pending", nonce: 0 });
  });

  test("behavior: a nonce below ours that nothing uses is filled", async () => {
    // A database that was lost: the pool holds two of this key's, and forgets them.
    const forgotten = (nonce: number) =>
      around.chain.sign({
        ...{ nonce, to: around.chain.address, data: "0x", valueWei: 0n, gasLimit: 21_000n },
        ...{ maxFeePerGas: 20n, maxPriorityFeePerGas: 1n },
      });
    for (const nonce of [0, 1]) await around.chain.broadcast((await forgotten(nonce)).raw);
    expect(await sender.submit(intent("a"))).toMatchObject({ outcome: "pending", nonce: 2 });
    around.chain.pool.clear();
    await pass(6);
    expect(around.chain.mined().map(({ nonce }) => nonce)).toEqual([0, 1, 2]);
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined" });
  });

  test("behavior: a nonce that somebody else used is noticed, and what it was for is sent again", async () => {
    await sender.submit(intent("a"));
    const { raw } = await around.chain.sign({
      ...{ nonce: 0, to: around.chain.address, data: "0x", valueWei: 0n, gasLimit: 21_000n },
      ...{ maxFeePerGas: 500n, maxPriorityFeePerGas: 500n },
    });
    await around.chain.broadcast(raw);
    await pass(12);
    expect(around.events.map(({ type }) => type)).toContain("taken");
    expect(await sender.submit(intent("a"))).toMatchObject({ outcome: "pending", nonce: 1 });
  });

  describe("an endpoint that lies for a moment", () => {
    /** Answers to a question while it lasts. */
    async function lying<Method extends "transactionCount" | "inclusion" | "finalizedNumber">(
      lies: Partial<Pick<TestMempool, Method>>,
      meanwhile: () => Promise<unknown>,
    ) {
      const { chain } = around;
      const truth = Object.fromEntries(Object.keys(lies).map((method) => [method, chain[method as Method]]));
      Object.assign(chain, lies);
      await meanwhile();
      Object.assign(chain, truth);
    }

    test("behavior: a count that is far too high: no gas is spent on nonces in between, and the next goes where it belongs", async () => {
      await sender.submit(intent("a"));
      await pass(8);
      await lying({ transactionCount: async () => 1_000 }, () => sender.submit(post(1)));
      await pass(60);
      expect(await sender.submit(post(2))).toMatchObject({ outcome: "pending", nonce: 1 });
      await sender.submit(intent("b"));
      await pass(8);
      expect(sender.outcome("b")).toMatchObject({ outcome: "mined" });
      expect(around.chain.mined().length).toBeLessThanOrEqual(4);
      expect(around.store.unsettled()).toEqual([]);
      expect(around.events.map(({ type }) => type)).toContain("stranded");
    });

    test("behavior: a count that is far too low: nothing is given up that was sent", async () => {
      for (let each = 0; each < 40; each++) await sender.submit(intent(`old ${each}`));
      await pass(12);
      around.store.prune(around.clock.nowMs() + 1);
      await sender.submit(intent("a"));
      await lying({ transactionCount: async () => 0 }, async () => {
        for (let second = 0; second < 10; second++) {
          around.clock.advance(1_000);
          around.chain.mine();
          await sender.tend();
        }
      });
      await sender.submit(intent("a"));
      await pass(8);
      expect(sender.outcome("a")).toMatchObject({ outcome: "mined", nonce: 40 });
      expect(around.chain.mined()).toHaveLength(41);
    });

    test("behavior: no receipt is no proof that somebody else used the nonce, until it is used for good", async () => {
      await sender.submit(intent("a"));
      around.chain.mine();
      await lying({ inclusion: async () => null }, async () => {
        for (let times = 0; times < 20; times++) await sender.tend();
        expect(await sender.submit(intent("a"))).toMatchObject({ outcome: "pending", nonce: 0 });
      });
      await sender.tend();
      expect(sender.outcome("a")).toMatchObject({ outcome: "mined", nonce: 0 });
      expect(around.events.map(({ type }) => type)).not.toContain("taken");
    });

    test("behavior: a nonce said to be used for good, by ours: it is sent again once the truth is told", async () => {
      await sender.submit(intent("a"));
      around.chain.pool.clear();
      const [{ hash } = expect.unreachable()] = around.store.unsettled()[0]?.attempts ?? [];
      const block = { blockNumber: 1, blockHash: `0x${"ee".repeat(32)}` } as const;
      await lying(
        {
          transactionCount: async () => 1,
          finalizedNumber: async () => 9,
          inclusion: async () => ({ ...block, hash, succeeded: true, gasUsed: 60_000, feeWei: 1n }),
        },
        () => sender.tend(),
      );
      expect(around.store.unsettled()).toEqual([]);
      await sender.submit(intent("b"));
      await pass(12);
      expect(sender.outcome("a")).toMatchObject({ outcome: "mined" });
      expect(sender.outcome("b")).toMatchObject({ outcome: "mined" });
      expect(around.chain.mined().map(({ nonce }) => nonce)).toEqual([0, 1]);
    });

    test("behavior: a fee that cannot have been paid does not use the day's budget up", async () => {
      sender = around.restart({ dailyBudgetWei: 10n ** 12n });
      await sender.submit(intent("a"));
      around.chain.mine();
      const { inclusion } = around.chain;
      await lying(
        {
          inclusion: async (hash) => {
            const found = await inclusion(hash);
            return found && { ...found, feeWei: 10n ** 24n };
          },
        },
        () => pass(8),
      );
      expect(await sender.submit(intent("b"))).toMatchObject({ outcome: "pending" });
    });
  });

  test("behavior: nonces are filled within the day's budget", async () => {
    const { address } = around.chain;
    const forgotten = { to: address, data: "0x", valueWei: 0n, gasLimit: 21_000n } as const;
    const fees = { maxFeePerGas: 20n, maxPriorityFeePerGas: 1n };
    for (const nonce of [0, 1]) {
      await around.chain.broadcast((await around.chain.sign({ ...forgotten, ...fees, nonce })).raw);
    }
    sender = around.restart({ dailyBudgetWei: 60_000n * 30n });
    await sender.submit(intent("a"));
    around.chain.pool.clear();
    await pass(20);
    const spent = around.chain.mined().reduce((sum, one) => sum + one.gasLimit * one.maxFeePerGas, 0n);
    expect(spent).toBeLessThanOrEqual(60_000n * 30n);
  });

  test("behavior: a day's budget ends it, and another day begins it again", async () => {
    sender = around.restart({ dailyBudgetWei: 60_000n * 50n });
    await sender.submit(intent("a"));
    await sender.submit(intent("b"));
    await pass(1);
    expect(await sender.submit(intent("c"))).toEqual({ outcome: "refused", because: "budget" });
    expect(around.events.at(-1)).toMatchObject({ type: "refused", because: "budget" });
    around.clock.advance(24 * 60 * 60 * 1_000 + 1);
    expect(await sender.submit(intent("c"))).toMatchObject({ outcome: "pending" });
  });

  test("behavior: a day's budget for reports stops reports, and nothing else", async () => {
    sender = around.restart({ dailyReportBudgetWei: 60_000n * 50n });
    await sender.submit(post(1));
    await sender.submit(intent("a"));
    await sender.submit(intent("b"));
    await pass(1);
    expect(sender.shareSpent("report")).toBeGreaterThan(0);
    expect(sender.shareSpent("post")).toBe(0);
    expect(await sender.submit(intent("c", { valueWei: 10n ** 9n }))).toEqual({
      outcome: "refused",
      because: "budget",
    });
    expect(await sender.submit(post(2, { valueWei: 10n ** 9n }))).toMatchObject({ outcome: "pending" });
    around.clock.advance(24 * 60 * 60 * 1_000 + 1);
    expect(await sender.submit(intent("c"))).toMatchObject({ outcome: "pending" });
  });

  test("behavior: a balance below the limit is an alarm once, and so is its recovery", async () => {
    const lines: Record<string, unknown>[] = [];
    const log = logTransactions(
      pino({ base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) }),
    );
    const ending = new AbortController();
    const balances = [100n, 99n, 98n, 100n];
    around.chain.balanceWei = async () => {
      const balance = balances.shift() ?? 100n;
      if (balances.length === 0) ending.abort();
      return balance;
    };
    const { chain, store, clock, events } = around;
    const observe = (event: TransactionEvent) => {
      events.push(event);
      log(event);
    };
    await createSender({ chain, store, clock, policy: { ...policy, lowBalanceWei: 100n }, observe }).run(ending.signal);
    expect(events.map((event) => (event.type === "balance" ? event.isLow : event.type))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(lines).toEqual([
      { level: 50, eid: chain.eid, balanceWei: "99", msg: "balance is low: without gas this node cannot post" },
      { level: 30, eid: chain.eid, balanceWei: "100", msg: "balance is well again" },
    ]);
  });

  test("behavior: a base fee above the cap is waited for", async () => {
    around.chain.baseFeePerGas = policy.maxFeePerGasWei + 1n;
    expect(await sender.submit(intent("a"))).toEqual({ outcome: "refused", because: "fee-cap" });
    expect(around.store.unsettled()).toEqual([]);
  });

  test("behavior: forgets what was final long ago, and no nonce", async () => {
    for (const key of ["a", "b", "c"]) await sender.submit(intent(key));
    await pass(8);
    around.store.prune(around.clock.nowMs());
    expect(around.store.highestNonce()).toBe(2);
    expect(sender.outcome("a")).toEqual({ outcome: "unknown" });
    expect(await sender.submit(intent("d"))).toMatchObject({ nonce: 3 });
  });
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("tend" as const) },
  { weight: 4, arbitrary: fc.constant("mine" as const) },
  { weight: 2, arbitrary: fc.constant("report" as const) },
  { weight: 2, arbitrary: fc.constant("post" as const) },
  fc.constant("abandon" as const),
  fc.constant("forget" as const),
  fc.constant("spike" as const),
  fc.constant("calm" as const),
  fc.constant("wait" as const),
  fc.record({ reorg: fc.integer({ min: 1, max: 4 }), dropped: fc.boolean() }),
  fc.record({ crashAfterCalls: fc.integer({ min: 0, max: 8 }) }),
);

/** How many runs each property gets; more before a release. */
const numRuns = Number(process.env["PROPERTY_RUNS"] ?? 15);

describe("a sender under faults", () => {
  test("behavior: whatever crashes, drops, reorgs and spikes: nothing is sent unrecorded, and each report is mined once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 70 }), async (steps) => {
        around = world();
        const { chain, store, clock } = around;
        sender = around.restart();
        const reports: string[] = [];
        let posts = 0;
        let callsLeft = Number.POSITIVE_INFINITY;
        chain.onCall = () => {
          if (--callsLeft < 0) throw new Unreachable();
        };
        chain.onBroadcast = ({ hash }) => {
          const recorded = store.unsettled().flatMap(({ attempts }) => attempts.map((attempt) => attempt.hash));
          expect(recorded).toContain(hash);
        };
        const alive = async (run: () => Promise<unknown>) => {
          try {
            await run();
          } catch (error) {
            if (!(error instanceof Unreachable)) throw error;
            callsLeft = Number.POSITIVE_INFINITY;
            sender = around.restart();
          }
        };
        for (const each of steps) {
          clock.advance(400);
          if (each === "tend") await alive(() => sender.tend());
          else if (each === "mine") chain.mine();
          else if (each === "forget") chain.pool.clear();
          else if (each === "spike") chain.baseFeePerGas = 900n;
          else if (each === "calm") chain.baseFeePerGas = 10n;
          else if (each === "wait") clock.advance(4_000);
          else if (each === "abandon") sender.abandon((purpose) => purpose === "post");
          else if (each === "post")
            await alive(() => sender.submit(post(++posts, { expiresAtMs: clock.nowMs() + 9_000 })));
          else if (each === "report") {
            reports.push(`report:${reports.length}`);
            for (const key of reports.slice(-3)) await alive(() => sender.submit(intent(key)));
          } else if ("reorg" in each) chain.reorg(each.reorg, () => each.dropped);
          else callsLeft = each.crashAfterCalls;
        }
        callsLeft = Number.POSITIVE_INFINITY;
        chain.baseFeePerGas = 10n;
        for (let second = 0; second < 15; second++) {
          for (const key of reports) await sender.submit(intent(key));
          await pass(1);
        }
        const mined = new Map(chain.mined().map(({ hash, nonce }) => [hash, nonce]));
        for (const key of reports) {
          const outcome = sender.outcome(key);
          expect(outcome).toMatchObject({ outcome: "mined" });
          if (outcome.outcome === "mined") expect(mined.get(outcome.hash)).toBe(outcome.nonce);
        }
        const keys = chain.mined().flatMap(({ hash }) => keyOf(hash));
        expect(new Set(keys).size).toBe(keys.length);
        // What is left open is a post that nobody needs, whose nonce the next one takes.
        expect(store.unsettled().filter(({ unwanted }) => !unwanted)).toEqual([]);
      }),
      { numRuns },
    );
  });
});

function keyOf(hash: string): string[] {
  return template.sqlite.prepare("SELECT key FROM relayer_attempts WHERE hash = ?").pluck().all(hash) as string[];
}
