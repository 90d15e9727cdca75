import type { Sql } from "../store/statements.ts";
import type { Inclusion, Outcome } from "./intent.ts";
import { transactionStatements } from "./statements.ts";
import type { Attempt, NonceRow, TransactionStore, Unsettled } from "./store.ts";

/**
 * One chain's transactions on SQLite.
 *
 * @param database opened with `synchronous = FULL`, or a nonce may be given out twice after a power failure.
 */
export function createSqliteTransactionStore(database: Sql, eid: number): TransactionStore {
  const statements = transactionStatements(database);
  const attemptsOf = (nonce: number): Attempt[] => statements.attempts.all({ eid, nonce });
  const highestNonce = () => statements.highestNonce.get({ eid })?.nonce ?? null;
  const unsettled = (): Unsettled[] =>
    statements.unsettled.all({ eid }).flatMap(({ nonce, state, unwanted, blockHash }) => {
      const [newest, ...older] = attemptsOf(nonce);
      if (newest === undefined || (state !== "open" && state !== "mined")) return [];
      return [{ nonce, state, unwanted, attempts: [newest, ...older], blockHash }];
    });

  return {
    highestNonce,
    highestSettled: () => statements.highestSettled.get({ eid })?.nonce ?? null,
    isKnown: (nonce) => statements.nonce.get({ eid, nonce }) !== undefined,
    unsettled,

    outcome(key) {
      const attempt = statements.newestOfKey.get({ eid, key });
      if (attempt === undefined) return { outcome: "unknown" };
      const row = statements.nonce.get({ eid, nonce: attempt.nonce });
      return row === undefined ? { outcome: "unknown" } : outcomeIn(row, attemptsOf(row.nonce), key);
    },

    record: (attempt) =>
      database.transaction(
        () => {
          const number = (attemptsOf(attempt.nonce)[0]?.number ?? -1) + 1;
          const row = { ...attempt, eid, number, sentAtMs: null };
          statements.openNonce.run({ eid, nonce: attempt.nonce });
          statements.insertAttempt.run(row);
          return row;
        },
        { behavior: "immediate" },
      ),
    markSent({ nonce, number }, sentAtMs) {
      statements.markSent.run({ eid, nonce, number, sentAtMs });
    },
    setWanted(nonce, wanted) {
      statements.setUnwanted.run({ eid, nonce, unwanted: !wanted });
    },
    markMined(nonce, inclusion, minedAtMs) {
      statements.markMined.run({ ...inclusion, eid, nonce, minedAtMs });
    },
    markFinal(nonce) {
      statements.markFinal.run({ eid, nonce });
    },
    markTaken(nonce) {
      statements.markTaken.run({ eid, nonce });
    },
    forget: (nonce) =>
      database.transaction(() => {
        statements.forgetAttempts.run({ eid, nonce });
        statements.forgetNonce.run({ eid, nonce });
      }),
    reopen(nonce) {
      statements.reopen.run({ eid, nonce });
    },

    spentWei(sinceMs, purpose) {
      const isMeant = (attempt: Attempt | undefined) => purpose === undefined || attempt?.purpose === purpose;
      const mined = statements.minedSince.all({ eid, sinceMs }).map(({ nonce, minedHash, feeWei, succeeded }) => {
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
      database.transaction(() => {
        for (const { nonce } of statements.oldNonces.all({ eid, beforeMs, highest })) {
          statements.forgetAttempts.run({ eid, nonce });
          statements.forgetNonce.run({ eid, nonce });
        }
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
