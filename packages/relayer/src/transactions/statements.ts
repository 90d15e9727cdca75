import { and, asc, type Column, desc, eq, gte, inArray, lt, max, ne, type SQL, sql } from "drizzle-orm";
import { oncePerDatabase } from "../store/oncePerDatabase.ts";
import { attempts, nonces } from "./tables.ts";

const given = sql.placeholder;
const ofChain = eq(nonces.eid, given("eid"));
const named = and(ofChain, eq(nonces.nonce, given("nonce")));
const attemptsOfNonce = and(eq(attempts.eid, given("eid")), eq(attempts.nonce, given("nonce")));

/** What a placeholder stands for, written as its column writes it; not for null. */
const writtenAs = (column: Column, name: string): SQL => sql`${sql.param(given(name), column)}`;

/** What an open nonce holds of where it was mined. */
export const nowhere = {
  minedHash: null,
  blockNumber: null,
  blockHash: null,
  succeeded: null,
  gasUsed: null,
  feeWei: null,
};
const open = { state: "open", unwanted: false, ...nowhere, minedAtMs: null } as const;

/** Every statement of the record of transactions, for all chains, built and compiled once: a node asks several times a second. */
export const transactionStatements = oncePerDatabase((database) => ({
  highestNonce: database
    .select({ nonce: max(nonces.nonce) })
    .from(nonces)
    .where(ofChain)
    .prepare(),
  highestSettled: database
    .select({ nonce: max(nonces.nonce) })
    .from(nonces)
    .where(and(ofChain, inArray(nonces.state, ["final", "taken"])))
    .prepare(),
  nonce: database.select().from(nonces).where(named).prepare(),
  unsettled: database
    .select()
    .from(nonces)
    .where(and(ofChain, inArray(nonces.state, ["open", "mined"])))
    .orderBy(asc(nonces.nonce))
    .prepare(),
  minedSince: database
    .select()
    .from(nonces)
    .where(and(ofChain, inArray(nonces.state, ["mined", "final"]), gte(nonces.minedAtMs, given("sinceMs"))))
    .prepare(),
  /** Newest first. */
  attempts: database.select().from(attempts).where(attemptsOfNonce).orderBy(desc(attempts.number)).prepare(),
  /** The newest nonce that ever carried it: an older one was displaced, or it would not have been sent again. */
  newestOfKey: database
    .select()
    .from(attempts)
    .where(and(eq(attempts.eid, given("eid")), eq(attempts.key, given("key"))))
    .orderBy(desc(attempts.nonce), desc(attempts.number))
    .limit(1)
    .prepare(),

  openNonce: database
    .insert(nonces)
    .values({ eid: given("eid"), nonce: given("nonce"), ...open })
    .onConflictDoUpdate({ target: [nonces.eid, nonces.nonce], set: open })
    .prepare(),
  insertAttempt: database
    .insert(attempts)
    .values({
      eid: given("eid"),
      nonce: given("nonce"),
      number: given("number"),
      key: given("key"),
      purpose: given("purpose"),
      to: given("to"),
      data: given("data"),
      valueWei: given("valueWei"),
      gasLimit: given("gasLimit"),
      maxFeePerGas: given("maxFeePerGas"),
      maxPriorityFeePerGas: given("maxPriorityFeePerGas"),
      expiresAtMs: given("expiresAtMs"),
      hash: given("hash"),
      raw: given("raw"),
      recordedAtMs: given("recordedAtMs"),
      recordedAtBlock: given("recordedAtBlock"),
      sentAtMs: given("sentAtMs"),
    })
    .prepare(),
  markSent: database
    .update(attempts)
    .set({ sentAtMs: writtenAs(attempts.sentAtMs, "sentAtMs") })
    .where(and(attemptsOfNonce, eq(attempts.number, given("number"))))
    .prepare(),
  setUnwanted: database
    .update(nonces)
    .set({ unwanted: writtenAs(nonces.unwanted, "unwanted") })
    .where(named)
    .prepare(),
  markMined: database
    .update(nonces)
    .set({
      state: "mined",
      minedHash: writtenAs(nonces.minedHash, "hash"),
      blockNumber: writtenAs(nonces.blockNumber, "blockNumber"),
      blockHash: writtenAs(nonces.blockHash, "blockHash"),
      succeeded: writtenAs(nonces.succeeded, "succeeded"),
      gasUsed: writtenAs(nonces.gasUsed, "gasUsed"),
      feeWei: writtenAs(nonces.feeWei, "feeWei"),
      minedAtMs: writtenAs(nonces.minedAtMs, "minedAtMs"),
    })
    .where(named)
    .prepare(),
  markFinal: database.update(nonces).set({ state: "final" }).where(named).prepare(),
  markTaken: database
    .update(nonces)
    .set({ state: "taken", ...nowhere })
    .where(named)
    .prepare(),
  reopen: database
    .update(nonces)
    .set({ state: "open", ...nowhere, minedAtMs: null })
    .where(named)
    .prepare(),

  oldNonces: database
    .select({ nonce: nonces.nonce })
    .from(nonces)
    .where(
      and(
        ofChain,
        inArray(nonces.state, ["final", "taken"]),
        lt(nonces.minedAtMs, given("beforeMs")),
        ne(nonces.nonce, given("highest")),
      ),
    )
    .prepare(),
  forgetAttempts: database.delete(attempts).where(attemptsOfNonce).prepare(),
  forgetNonce: database.delete(nonces).where(named).prepare(),
}));
