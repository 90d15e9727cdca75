import { and, asc, desc, eq, gt, isNotNull, lt, ne, notInArray, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { Hex } from "viem";
import { oncePerDatabase } from "./oncePerDatabase.ts";
import { contents, epochs, journal, postings, signatures, snapshots } from "./tables.ts";

/** Any drizzle handle on a node's file; the relayer names its own tables. */
export type Sql = Pick<BetterSQLite3Database, "select" | "insert" | "update" | "delete" | "transaction">;

const given = sql.placeholder;
const contentNamed = and(eq(contents.epoch, given("epoch")), eq(contents.digest, given("digest")));
const contentOf = and(eq(contents.epoch, epochs.epoch), eq(contents.digest, epochs.digest));
const named = and(eq(epochs.epoch, given("epoch")), eq(epochs.digest, given("digest")));

const summaryColumns = {
  digest: epochs.digest,
  header: epochs.header,
  cut: epochs.cut,
  chainRoots: epochs.chainRoots,
  proposer: epochs.proposer,
  attestedAtMs: epochs.attestedAtMs,
  signedByMe: sql<number>`${journal.epoch} is not null`.mapWith(Boolean),
  hasContent: sql<number>`${contents.epoch} is not null`.mapWith(Boolean),
};

/**
 * Every statement of the store, built and compiled once: a node asks the same few many times a second. They run in
 * whatever transaction is open on the handle's connection, for SQLite has one a connection.
 */
export const storeStatements = oncePerDatabase((database) => {
  const summaries = () =>
    database
      .select(summaryColumns)
      .from(epochs)
      .leftJoin(journal, and(eq(journal.epoch, epochs.epoch), eq(journal.digest, epochs.digest)))
      // Its key alone is asked for, which is in the table's index: no content is touched.
      .leftJoin(contents, contentOf);
  return {
    ...journalStatements(database),
    ...signatureStatements(database),
    ...snapshotStatements(database),

    highestEpoch: database.select({ epoch: epochs.epoch }).from(epochs).orderBy(desc(epochs.epoch)).limit(1).prepare(),
    insertEpoch: database
      .insert(epochs)
      .values({
        epoch: given("epoch"),
        digest: given("digest"),
        header: given("header"),
        cut: given("cut"),
        chainRoots: given("chainRoots"),
        earlier: given("earlier"),
        layout: given("layout"),
        proposer: given("proposer"),
        proposerSignature: given("proposerSignature"),
      })
      .onConflictDoNothing()
      .prepare(),
    insertContent: database
      .insert(contents)
      .values({ epoch: given("epoch"), digest: given("digest"), content: given("content") })
      .onConflictDoNothing()
      .prepare(),
    describeContent: database
      .update(epochs)
      // What a placeholder stands for is not in the types of a value.
      .set({ layout: sql`${given("layout")}`, snapshot: sql`${given("snapshot")}` })
      .where(named)
      .prepare(),
    markAttested: database
      .update(epochs)
      .set({ attestedAtMs: sql`coalesce(${epochs.attestedAtMs}, ${given("nowMs")})` })
      .where(named)
      .prepare(),
    forgetContent: database.delete(contents).where(contentNamed).prepare(),
    content: database
      .select({ epoch: epochs, content: contents.content })
      .from(contents)
      .innerJoin(epochs, contentOf)
      .where(and(contentNamed, eq(epochs.layout, given("layout"))))
      .prepare(),
    proposal: database.select().from(epochs).where(named).prepare(),

    summary: summaries().where(named).prepare(),
    numbered: summaries()
      .where(eq(epochs.epoch, given("epoch")))
      .orderBy(asc(epochs.digest))
      .prepare(),
    withContent: summaries().where(isNotNull(contents.epoch)).orderBy(asc(epochs.epoch), asc(epochs.digest)).prepare(),
    outdated: summaries()
      .where(and(isNotNull(contents.epoch), ne(epochs.layout, given("layout"))))
      .orderBy(asc(epochs.epoch), asc(epochs.digest))
      .prepare(),
    newestAttested: summaries().where(isNotNull(epochs.attestedAtMs)).orderBy(desc(epochs.epoch)).limit(1).prepare(),
    attested: summaries()
      .where(and(eq(epochs.epoch, given("epoch")), isNotNull(epochs.attestedAtMs)))
      .prepare(),
    listAttested: summaries()
      .where(and(isNotNull(epochs.attestedAtMs), gt(epochs.epoch, 0), lt(epochs.epoch, given("below"))))
      .orderBy(desc(epochs.epoch))
      .limit(given("limit"))
      .prepare(),

    insertPosting: database
      .insert(postings)
      .values({
        eid: given("eid"),
        epoch: given("epoch"),
        reason: given("reason"),
        transactionHash: given("transactionHash"),
        blockNumber: given("blockNumber"),
        gasUsed: given("gasUsed"),
        postedAtMs: given("postedAtMs"),
      })
      .onConflictDoNothing()
      .prepare(),
  };
});

function journalStatements(database: Sql) {
  return {
    highestSigned: database
      .select({ epoch: journal.epoch })
      .from(journal)
      .orderBy(desc(journal.epoch))
      .limit(1)
      .prepare(),
    signed: database
      .select()
      .from(journal)
      .where(eq(journal.epoch, given("epoch")))
      .prepare(),
    lastSigned: database.select().from(journal).orderBy(desc(journal.epoch)).limit(1).prepare(),
    insertJournal: database
      .insert(journal)
      .values({
        epoch: given("epoch"),
        digest: given("digest"),
        root: given("root"),
        signature: given("signature"),
        cut: given("cut"),
        signedAtMs: given("signedAtMs"),
      })
      .prepare(),
  };
}

function snapshotStatements(database: Sql) {
  const same = eq(snapshots.digest, given("snapshot"));
  return {
    hasSnapshot: database.select({ digest: snapshots.digest }).from(snapshots).where(same).prepare(),
    snapshot: database.select().from(snapshots).where(same).prepare(),
    putSnapshot: database
      .insert(snapshots)
      .values({ digest: given("snapshot"), content: given("content") })
      // Another version of the program may have left it in its own layout.
      .onConflictDoUpdate({ target: snapshots.digest, set: { content: sql`excluded.content` } })
      .prepare(),
    dropNeedlessSnapshots: database
      .delete(snapshots)
      .where(
        notInArray(
          snapshots.digest,
          database
            .select({ digest: sql<Hex>`coalesce(${epochs.snapshot}, '')` })
            .from(contents)
            .innerJoin(epochs, contentOf),
        ),
      )
      .prepare(),
  };
}

function signatureStatements(database: Sql) {
  const ofEpoch = eq(signatures.epoch, given("epoch"));
  return {
    insertSignature: database
      .insert(signatures)
      .values({
        epoch: given("epoch"),
        digest: given("digest"),
        signer: given("signer"),
        signature: given("signature"),
        header: given("header"),
      })
      .onConflictDoNothing()
      .prepare(),
    rivalSignature: database
      .select({ digest: signatures.digest })
      .from(signatures)
      .where(and(ofEpoch, eq(signatures.signer, given("signer")), ne(signatures.digest, given("digest"))))
      .prepare(),
    signaturesOf: database
      .select({ signer: signatures.signer, signature: signatures.signature })
      .from(signatures)
      .where(and(ofEpoch, eq(signatures.digest, given("digest"))))
      .orderBy(asc(signatures.signer))
      .prepare(),
    equivocations: database
      .select({
        epoch: signatures.epoch,
        signer: signatures.signer,
        first: sql<Hex>`min(${signatures.digest})`,
        last: sql<Hex>`max(${signatures.digest})`,
      })
      .from(signatures)
      .groupBy(signatures.epoch, signatures.signer)
      .having(sql`count(*) > 1`)
      .prepare(),
  };
}
