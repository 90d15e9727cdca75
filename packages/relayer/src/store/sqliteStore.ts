import type { Header } from "@plimsoll/protocol/epoch";
import type { Hex } from "viem";
import { createContentCache } from "./contentCache.ts";
import { createContents, type StoreProtocol } from "./contents.ts";
import { EpochAlreadySignedError } from "./errors.ts";
import { type Sql, storeStatements } from "./statements.ts";
import type { Equivocation, MemberSignature, Store, VerifiedEpoch } from "./store.ts";
import type { epochs } from "./tables.ts";

/**
 * The store on SQLite.
 *
 * @param database opened with `synchronous = FULL`, or a signature may outlive its journal row in a power failure; its
 * tables exist.
 * @param cachedEpochs decoded epochs kept in memory.
 */
export function createSqliteStore(database: Sql, protocol: StoreProtocol, cachedEpochs = 64): Store {
  const cache = createContentCache(cachedEpochs);
  const statements = storeStatements(database);
  const contents = createContents(statements, protocol);
  const { layout } = protocol;
  const highestSigned = () => statements.highestSigned.get()?.epoch ?? 0;

  const insertEpoch = (verified: VerifiedEpoch) => {
    const { digest, epoch, proposal, proposer } = verified;
    const name = { epoch: proposal.header.epoch, digest };
    const known = statements.proposal.get(name);
    if (known !== undefined && known.layout !== layout) {
      statements.forgetContent.run(name);
    }
    statements.insertEpoch.run({
      ...name,
      layout,
      header: proposal.header,
      cut: proposal.cut,
      chainRoots: [...epoch.chainRoots].map(([eid, root]) => ({ eid, root })).sort((a, b) => a.eid - b.eid),
      earlier: proposal.earlier,
      proposer,
      proposerSignature: proposal.signature,
    });
    if (statements.summary.get(name)?.hasContent !== true) contents.write(name, epoch);
    insertSignatures(proposal.header, digest, [{ signer: proposer, signature: proposal.signature }]);
    cache.put(verified);
  };

  const insertSignatures = (header: Header, digest: Hex, given: readonly MemberSignature[]) => {
    const conflicts: Equivocation[] = [];
    for (const { signer, signature } of given) {
      const { epoch } = header;
      const { changes } = statements.insertSignature.run({ epoch, digest, signer, signature, header });
      if (changes === 0) continue;
      const other = statements.rivalSignature.get({ epoch, signer, digest });
      if (other !== undefined) conflicts.push({ epoch, signer, digests: [other.digest, digest] });
    }
    return conflicts;
  };

  return {
    highestSigned,
    highestEpoch: () => Math.max(highestSigned(), statements.highestEpoch.get()?.epoch ?? 0),
    signed: (epoch) => statements.signed.get({ epoch }) ?? null,
    lastSigned: () => statements.lastSigned.get() ?? null,

    recordSigned(verified, { signer, signature }, nowMs) {
      const { header, cut } = verified.proposal;
      const { epoch, root } = header;
      const { digest } = verified;
      database.transaction(
        () => {
          const highest = highestSigned();
          if (epoch <= highest) throw new EpochAlreadySignedError(epoch, highest);
          statements.insertJournal.run({ epoch, digest, root, signature, cut, signedAtMs: nowMs });
          insertEpoch(verified);
          insertSignatures(header, digest, [{ signer, signature }]);
        },
        { behavior: "immediate" },
      );
    },
    saveVerified: (verified) => database.transaction(() => insertEpoch(verified)),
    addSignatures: (header, digest, given) => database.transaction(() => insertSignatures(header, digest, given)),
    markAttested: ({ epoch, digest }, nowMs) => {
      statements.markAttested.run({ epoch, digest, nowMs });
    },
    signaturesOf: ({ epoch, digest }) => statements.signaturesOf.all({ epoch, digest }),
    equivocations: () =>
      statements.equivocations
        .all()
        .map(({ epoch, signer, first, last }) => ({ epoch, signer, digests: [first, last] })),

    summary: ({ epoch, digest }) => statements.summary.get({ epoch, digest }) ?? null,
    numbered: (epoch) => statements.numbered.all({ epoch }),
    withContent: () => statements.withContent.all(),
    outdated: () => statements.outdated.all({ layout }),
    newestAttested: () => statements.newestAttested.get() ?? null,
    attested: (epoch) => statements.attested.get({ epoch }) ?? null,
    listAttested: (limit, below = Number.MAX_SAFE_INTEGER) => statements.listAttested.all({ limit, below }),
    content({ epoch: number, digest }) {
      const cached = cache.get(digest);
      if (cached !== null) return cached;
      const row = statements.content.get({ epoch: number, digest, layout });
      const epoch = row && contents.read(row.epoch, row.content);
      if (row === undefined || epoch === null || epoch === undefined) return null;
      const verified = { ...proposalOf(row.epoch), epoch };
      cache.put(verified);
      return verified;
    },
    proposal({ epoch, digest }) {
      const row = statements.proposal.get({ epoch, digest });
      return row === undefined ? null : proposalOf(row);
    },
    prune(refs) {
      database.transaction(() => {
        for (const { epoch, digest } of refs) {
          statements.forgetContent.run({ epoch, digest });
          cache.drop(digest);
        }
        statements.dropNeedlessSnapshots.run();
      });
    },
    recordPosting: (row) => {
      statements.insertPosting.run({ ...row });
    },
  };
}

function proposalOf(row: typeof epochs.$inferSelect): Omit<VerifiedEpoch, "epoch"> {
  const { digest, header, cut, earlier, proposerSignature: signature, proposer } = row;
  return { digest, proposal: { header, cut: [...cut], earlier, signature }, proposer };
}
