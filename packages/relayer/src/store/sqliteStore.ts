import type { Header } from "@plimsoll/protocol/epoch";
import { and, asc, desc, eq, gt, isNotNull, lt, ne, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { Hex } from "viem";
import type { EpochRef } from "../quorum/messages.ts";
import type { Protocol } from "../quorum/protocol.ts";
import { createContentCache } from "./contentCache.ts";
import { EpochAlreadySignedError } from "./errors.ts";
import type { Equivocation, MemberSignature, Store, VerifiedEpoch } from "./store.ts";
import { epochs, journal, postings, signatures } from "./tables.ts";

/** Any drizzle handle on a node's file; the relayer names its own tables. */
export type Sql = Pick<BetterSQLite3Database, "select" | "insert" | "update" | "delete" | "transaction">;

const summaryColumns = {
  digest: epochs.digest,
  header: epochs.header,
  cut: epochs.cut,
  chainRoots: epochs.chainRoots,
  proposer: epochs.proposer,
  attestedAtMs: epochs.attestedAtMs,
  signedByMe: sql<number>`${journal.epoch} is not null`.mapWith(Boolean),
  hasContent: sql<number>`${epochs.content} is not null`.mapWith(Boolean),
};

const named = ({ epoch, digest }: EpochRef) => and(eq(epochs.epoch, epoch), eq(epochs.digest, digest));

/**
 * The store on SQLite.
 *
 * @param database opened with `synchronous = FULL`, or a signature may outlive its journal row in a power failure.
 * @param cachedEpochs decoded epochs kept in memory.
 */
export function createSqliteStore(
  database: Sql,
  protocol: Pick<Protocol, "encode" | "decode">,
  cachedEpochs = 64,
): Store {
  const cache = createContentCache(cachedEpochs);

  const summaries = () =>
    database
      .select(summaryColumns)
      .from(epochs)
      .leftJoin(journal, and(eq(journal.epoch, epochs.epoch), eq(journal.digest, epochs.digest)));
  const highestSigned = (sqlite: Sql = database) =>
    sqlite.select({ epoch: journal.epoch }).from(journal).orderBy(desc(journal.epoch)).limit(1).get()?.epoch ?? 0;

  const insertEpoch = (sqlite: Sql, verified: VerifiedEpoch) => {
    const { digest, epoch, proposal, proposer } = verified;
    const content = Buffer.from(protocol.encode(epoch));
    sqlite
      .insert(epochs)
      .values({
        epoch: proposal.header.epoch,
        digest,
        header: proposal.header,
        cut: [...proposal.cut],
        chainRoots: [...epoch.chainRoots].map(([eid, root]) => ({ eid, root })).sort((a, b) => a.eid - b.eid),
        earlier: proposal.earlier,
        proposer,
        proposerSignature: proposal.signature,
        content,
      })
      .onConflictDoUpdate({ target: [epochs.epoch, epochs.digest], set: { content } })
      .run();
    insertSignatures(sqlite, proposal.header, digest, [{ signer: proposer, signature: proposal.signature }]);
    cache.put(verified);
  };

  const insertSignatures = (sqlite: Sql, header: Header, digest: Hex, given: readonly MemberSignature[]) => {
    const conflicts: Equivocation[] = [];
    for (const { signer, signature } of given) {
      const row = { epoch: header.epoch, digest, signer, signature, header };
      const { changes } = sqlite.insert(signatures).values(row).onConflictDoNothing().run();
      if (changes === 0) continue;
      const other = sqlite
        .select({ digest: signatures.digest })
        .from(signatures)
        .where(and(eq(signatures.epoch, header.epoch), eq(signatures.signer, signer), ne(signatures.digest, digest)))
        .get();
      if (other !== undefined) conflicts.push({ epoch: header.epoch, signer, digests: [other.digest, digest] });
    }
    return conflicts;
  };

  return {
    highestSigned: () => highestSigned(),
    highestEpoch: () =>
      Math.max(
        highestSigned(),
        database.select({ epoch: epochs.epoch }).from(epochs).orderBy(desc(epochs.epoch)).limit(1).get()?.epoch ?? 0,
      ),
    signed: (epoch) => database.select().from(journal).where(eq(journal.epoch, epoch)).get() ?? null,
    lastSigned: () => database.select().from(journal).orderBy(desc(journal.epoch)).limit(1).get() ?? null,

    recordSigned(verified, { signer, signature }, nowMs) {
      const { header, cut } = verified.proposal;
      database.transaction(
        (transaction) => {
          const highest = highestSigned(transaction);
          if (header.epoch <= highest) throw new EpochAlreadySignedError(header.epoch, highest);
          const { digest } = verified;
          const entry = { epoch: header.epoch, digest, root: header.root, signature, cut: [...cut], signedAtMs: nowMs };
          transaction.insert(journal).values(entry).run();
          insertEpoch(transaction, verified);
          insertSignatures(transaction, header, digest, [{ signer, signature }]);
        },
        { behavior: "immediate" },
      );
    },
    saveVerified: (verified) => database.transaction((transaction) => insertEpoch(transaction, verified)),
    addSignatures: (header, digest, given) =>
      database.transaction((transaction) => insertSignatures(transaction, header, digest, given)),
    markAttested: (ref, nowMs) => {
      database
        .update(epochs)
        .set({ attestedAtMs: sql`coalesce(${epochs.attestedAtMs}, ${nowMs})` })
        .where(named(ref))
        .run();
    },
    signaturesOf: ({ epoch, digest }) =>
      database
        .select({ signer: signatures.signer, signature: signatures.signature })
        .from(signatures)
        .where(and(eq(signatures.epoch, epoch), eq(signatures.digest, digest)))
        .orderBy(asc(signatures.signer))
        .all(),
    equivocations: () =>
      database
        .select({
          epoch: signatures.epoch,
          signer: signatures.signer,
          first: sql<Hex>`min(${signatures.digest})`,
          last: sql<Hex>`max(${signatures.digest})`,
        })
        .from(signatures)
        .groupBy(signatures.epoch, signatures.signer)
        .having(sql`count(*) > 1`)
        .all()
        .map(({ epoch, signer, first, last }) => ({ epoch, signer, digests: [first, last] })),

    summary: (ref) => summaries().where(named(ref)).get() ?? null,
    numbered: (epoch) => summaries().where(eq(epochs.epoch, epoch)).orderBy(asc(epochs.digest)).all(),
    withContent: () =>
      summaries().where(isNotNull(epochs.content)).orderBy(asc(epochs.epoch), asc(epochs.digest)).all(),
    newestAttested: () =>
      summaries().where(isNotNull(epochs.attestedAtMs)).orderBy(desc(epochs.epoch)).limit(1).get() ?? null,
    attested: (epoch) =>
      summaries()
        .where(and(eq(epochs.epoch, epoch), isNotNull(epochs.attestedAtMs)))
        .get() ?? null,
    listAttested: (limit, below) =>
      summaries()
        .where(and(isNotNull(epochs.attestedAtMs), below === undefined ? gt(epochs.epoch, 0) : lt(epochs.epoch, below)))
        .orderBy(desc(epochs.epoch))
        .limit(limit)
        .all(),
    content(ref) {
      const cached = cache.get(ref.digest);
      if (cached !== null) return cached;
      const row = database.select().from(epochs).where(named(ref)).get();
      if (row === undefined || row.content === null) return null;
      const { header, cut, earlier, proposerSignature, proposer, digest, content } = row;
      const proposal = { header, cut: [...cut], earlier, signature: proposerSignature };
      const verified = { digest, proposal, proposer, epoch: protocol.decode(content) };
      cache.put(verified);
      return verified;
    },
    prune(refs) {
      database.transaction((transaction) => {
        for (const ref of refs) {
          transaction.update(epochs).set({ content: null }).where(named(ref)).run();
          cache.drop(ref.digest);
        }
      });
    },
    recordPosting: (row) => {
      database.insert(postings).values(row).onConflictDoNothing().run();
    },
  };
}
