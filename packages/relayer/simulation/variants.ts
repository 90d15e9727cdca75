import type { TransitionInput } from "@plimsoll/protocol/epoch";
import { gte } from "drizzle-orm";
import type { Context } from "../src/quorum/context.ts";
import type { EpochEngine } from "../src/quorum/engine.ts";
import { refuse } from "../src/quorum/refusal.ts";
import { journal } from "../src/store/tables.ts";
import type { Composition } from "./composition.ts";
import { plain } from "./view.ts";

/** A system broken on purpose, and within how many seeds that has to be noticed. */
export interface Variant extends Composition {
  readonly caughtWithin: number;
  /** What the violation says. */
  readonly notices: RegExp;
}

/** Of the earlier epochs all but the newest that is posted nowhere. */
function ignoringOne(input: TransitionInput): TransitionInput {
  const posted = new Set([...input.state.chains.values()].map(({ postedEpoch }) => postedEpoch));
  const ignored = input.earlier.findLast(({ header }) => !posted.has(header.epoch));
  return { ...input, earlier: input.earlier.filter((one) => one !== ignored) };
}

/** Signs whatever a peer proposes with a higher number. */
function blindly(engine: EpochEngine, context: Context): EpochEngine {
  const { store, protocol, peers, signer, clock } = context;
  return {
    ...engine,
    async considerProposal(proposal) {
      const { header } = proposal;
      const proposer = await protocol.recoverSigner(header, proposal.signature);
      const digest = protocol.digest(header);
      if (proposer === null) return refuse({ code: "unknown-proposer" });
      const given = await peers.epochs(proposer, header.epoch, 1_000).catch(() => []);
      const record = given.find((one) => protocol.digest(one.proposal.header) === digest);
      const highestSigned = store.highestSigned();
      if (record === undefined || header.epoch <= highestSigned)
        return refuse({ code: "epoch-not-higher", highestSigned });
      const epoch = protocol.decode(Buffer.from(record.content, "base64"));
      const signature = await signer.sign(digest, header);
      if (header.epoch <= store.highestSigned()) return refuse({ code: "epoch-not-higher", highestSigned });
      store.recordSigned({ digest, proposal, proposer, epoch }, { signer: signer.address, signature }, clock.nowMs());
      return { signature };
    },
  };
}

export const variants: readonly Variant[] = [
  {
    name: "skips the journal",
    notices: /without its journal record/,
    caughtWithin: 2,
    store: (store) => ({ ...store, recordSigned: (verified) => store.saveVerified(verified) }),
  },
  { name: "does not sync its journal", notices: /without its journal record/, caughtWithin: 2, diskSyncs: false },
  {
    name: "loses its database in a crash",
    notices: /without its journal record|signed epoch \d+ twice/,
    caughtWithin: 60,
    diskSurvives: false,
  },
  {
    name: "accepts an epoch that is not higher",
    notices: /signed epoch \d+ twice|two results/,
    caughtWithin: 60,
    store: (store, sql) => ({
      ...store,
      highestSigned: () => 0,
      signed: () => null,
      recordSigned(verified, signature, nowMs) {
        sql.delete(journal).where(gte(journal.epoch, verified.proposal.header.epoch)).run();
        store.recordSigned(verified, signature, nowMs);
      },
    }),
  },
  {
    name: "ignores one outstanding epoch",
    notices: /reserves|is worth/,
    caughtWithin: 60,
    protocol: (protocol) => ({ ...protocol, transition: (input) => protocol.transition(ignoringOne(input)) }),
  },
  {
    name: "counts only epochs that it saw attested, not those that it signed",
    notices: /reserves|is worth|takes back/,
    caughtWithin: 60,
    store: (store) => ({
      ...store,
      withContent: () => store.withContent().filter(({ attestedAtMs }) => attestedAtMs !== null),
    }),
  },
  {
    name: "credits before finality",
    notices: /not final/,
    caughtWithin: 20,
    view: (view, chains) => ({
      ...view,
      finalizedCut: () => [...chains.values()].map((chain) => plain(chain.head())),
      checkBlock: ({ eid, number, hash }) =>
        chains.get(eid)?.blocks[number]?.hash === hash ? "canonical" : "not-canonical",
    }),
  },
  {
    name: "takes any block of the chain for final",
    notices: /not final/,
    caughtWithin: 60,
    view: (view, chains) => ({
      ...view,
      checkBlock: ({ eid, number, hash }) =>
        chains.get(eid)?.blocks[number]?.hash === hash ? "canonical" : "not-canonical",
    }),
  },
  { name: "signs without recomputing", notices: /no transition gives it/, caughtWithin: 60, engine: blindly },
  {
    name: "accepts an older cut",
    notices: /goes back behind the cut/,
    caughtWithin: 60,
    store: (store) => ({ ...store, lastSigned: () => null }),
  },
  {
    name: "takes half of the operators for a quorum",
    notices: /two results/,
    caughtWithin: 60,
    quorum: { members: 4, threshold: 2, liars: 1 },
  },
  {
    name: "forgets what it approved",
    notices: /takes back an approval|paid/,
    caughtWithin: 60,
    protocol: (protocol) => ({
      ...protocol,
      transition: (input) =>
        protocol.transition({
          ...input,
          earlier: input.earlier.map((epoch) => ({
            ...epoch,
            chains: new Map([...epoch.chains].map(([eid, chain]) => [eid, { ...chain, withdrawals: new Map() }])),
          })),
        }),
    }),
  },
];
