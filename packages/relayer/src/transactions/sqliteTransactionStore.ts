import { and, asc, desc, eq, gte, inArray, lt, max, ne } from "drizzle-orm";
import type { Sql } from "../store/statements.ts";
import type { Inclusion, Outcome } from "./intent.ts";
import type { Attempt, NonceRow, TransactionStore, Unsettled } from "./store.ts";
import { attempts, type NonceState, nonces } from "./tables.ts";

/** What an open nonce holds of where it was mined. */
const nowhere = { minedHash: null, blockNumber: null, blockHash: null, succeeded: null, gasUsed: null, feeWei: null };

/**
 * One chain's transactions on SQLite.
 *
 * @param database opened with `synchronous = FULL`, or a nonce may be given out twice after a power failure.
 */
export function createSqliteTransactionStore(database: Sql, eid: number): TransactionStore {
  const named = (nonce: number) => and(eq(nonces.eid, eid), eq(nonces.nonce, nonce));
  const set = (nonce: number, values: Partial<NonceRow>) => {
    database.update(nonces).set(values).where(named(nonce)).run();
  };
  const attemptsOf = (nonce: number): Attempt[] =>
    database
      .select()
      .from(attempts)
      .where(and(eq(attempts.eid, eid), eq(attempts.nonce, nonce)))
      .orderBy(desc(attempts.number))
      .all();
  const highestNonce = () =>
    database
      .select({ nonce: max(nonces.nonce) })
      .from(nonces)
      .where(eq(nonces.eid, eid))
      .get()?.nonce ?? null;
  const unsettled = (): Unsettled[] =>
    database
      .select()
      .from(nonces)
      .where(and(eq(nonces.eid, eid), inArray(nonces.state, ["open", "mined"])))
      .orderBy(asc(nonces.nonce))
      .all()
      .flatMap(({ nonce, state, unwanted, blockHash }) => {
        const [newest, ...older] = attemptsOf(nonce);
        if (newest === undefined || (state !== "open" && state !== "mined")) return [];
        return [{ nonce, state, unwanted, attempts: [newest, ...older], blockHash }];
      });

  return {
    highestNonce,
    isKnown: (nonce) => database.select().from(nonces).where(named(nonce)).get() !== undefined,
    unsettled,

    outcome(key) {
      // The newest nonce that ever carried it: an older one was displaced, or it would not have been sent again.
      const attempt = database
        .select()
        .from(attempts)
        .where(and(eq(attempts.eid, eid), eq(attempts.key, key)))
        .orderBy(desc(attempts.nonce), desc(attempts.number))
        .limit(1)
        .get();
      if (attempt === undefined) return { outcome: "unknown" };
      const row = database.select().from(nonces).where(named(attempt.nonce)).get();
      return row === undefined ? { outcome: "unknown" } : outcomeIn(row, attemptsOf(row.nonce), key);
    },

    record: (attempt) =>
      database.transaction(
        (transaction) => {
          const number = (attemptsOf(attempt.nonce)[0]?.number ?? -1) + 1;
          const row = { ...attempt, eid, number, sentAtMs: null };
          const open = { state: "open" as NonceState, unwanted: false, ...nowhere, minedAtMs: null };
          transaction
            .insert(nonces)
            .values({ eid, nonce: attempt.nonce, ...open })
            .onConflictDoUpdate({ target: [nonces.eid, nonces.nonce], set: open })
            .run();
          transaction.insert(attempts).values(row).run();
          return row;
        },
        { behavior: "immediate" },
      ),
    markSent({ nonce, number }, sentAtMs) {
      const one = and(eq(attempts.eid, eid), eq(attempts.nonce, nonce), eq(attempts.number, number));
      database.update(attempts).set({ sentAtMs }).where(one).run();
    },
    setWanted: (nonce, wanted) => set(nonce, { unwanted: !wanted }),
    markMined(nonce, { hash, blockNumber, blockHash, succeeded, gasUsed, feeWei }, nowMs) {
      const where = { minedHash: hash, blockNumber, blockHash, succeeded, gasUsed, feeWei };
      set(nonce, { state: "mined", ...where, minedAtMs: nowMs });
    },
    markFinal: (nonce) => set(nonce, { state: "final" }),
    markTaken: (nonce) => set(nonce, { state: "taken", ...nowhere }),
    reopen: (nonce) => set(nonce, { state: "open", ...nowhere, minedAtMs: null }),

    spentWei(sinceMs, purpose) {
      const isMeant = (attempt: Attempt | undefined) => purpose === undefined || attempt?.purpose === purpose;
      const mined = database
        .select()
        .from(nonces)
        .where(and(eq(nonces.eid, eid), inArray(nonces.state, ["mined", "final"]), gte(nonces.minedAtMs, sinceMs)))
        .all()
        .map(({ nonce, minedHash, feeWei, succeeded }) => {
          const attempt = attemptsOf(nonce).find(({ hash }) => hash === minedHash);
          if (!isMeant(attempt)) return 0n;
          return (feeWei ?? 0n) + (succeeded === true ? (attempt?.valueWei ?? 0n) : 0n);
        });
      const open = unsettled()
        .filter(({ state, attempts: [newest] }) => state === "open" && isMeant(newest))
        .map(({ attempts: [newest] }) => mostWei(newest));
      return [...mined, ...open].reduce((sum, wei) => sum + wei, 0n);
    },
    prune(beforeMs) {
      const highest = highestNonce();
      if (highest === null) return;
      database.transaction((transaction) => {
        const old = transaction
          .select({ nonce: nonces.nonce })
          .from(nonces)
          .where(
            and(
              eq(nonces.eid, eid),
              inArray(nonces.state, ["final", "taken"]),
              lt(nonces.minedAtMs, beforeMs),
              ne(nonces.nonce, highest),
            ),
          )
          .all()
          .map(({ nonce }) => nonce);
        transaction
          .delete(attempts)
          .where(and(eq(attempts.eid, eid), inArray(attempts.nonce, old)))
          .run();
        transaction
          .delete(nonces)
          .where(and(eq(nonces.eid, eid), inArray(nonces.nonce, old)))
          .run();
      });
    },
  };
}

/** The most that an open transaction can cost, wei. */
export const mostWei = (one: Pick<Attempt, "valueWei" | "gasLimit" | "maxFeePerGas">): bigint =>
  one.valueWei + one.gasLimit * one.maxFeePerGas;

function outcomeIn(row: NonceRow, [newest, ...older]: readonly Attempt[], key: string): Outcome {
  const { nonce, state, minedHash } = row;
  if (state === "open") return { outcome: newest?.key === key && !row.unwanted ? "pending" : "displaced", nonce };
  const mined = [newest, ...older].find((attempt) => attempt?.hash === minedHash);
  if (state === "taken" || mined === undefined || mined.key !== key) return { outcome: "displaced", nonce };
  const inclusion = inclusionOf(row);
  return inclusion === null ? { outcome: "displaced", nonce } : { outcome: "mined", nonce, ...inclusion };
}

function inclusionOf(row: NonceRow): Inclusion | null {
  const { minedHash: hash, blockNumber, blockHash, succeeded, gasUsed, feeWei } = row;
  if (hash === null || blockNumber === null || blockHash === null) return null;
  if (succeeded === null || gasUsed === null || feeWei === null) return null;
  return { hash, blockNumber, blockHash, succeeded, gasUsed, feeWei };
}
