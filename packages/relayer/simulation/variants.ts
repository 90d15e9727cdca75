import type { TransitionInput } from "@plimsoll/protocol/epoch";
import { withoutDebts } from "@plimsoll/protocol/simulation/withoutDebts";
import { computeEpoch } from "@plimsoll/protocol/transition/compute-epoch";
import { epochsToReckonWith, type PathRule, soundPathRule } from "@plimsoll/protocol/transition/path";
import { gte } from "drizzle-orm";
import type { Context } from "../src/quorum/context.ts";
import type { EpochEngine } from "../src/quorum/engine.ts";
import { createFollower } from "../src/quorum/follow.ts";
import type { Protocol } from "../src/quorum/protocol.ts";
import { refuse } from "../src/quorum/refusal.ts";
import { journal } from "../src/store/tables.ts";
import { lettingAllExit, trustingSilentFeeds, withoutExits, withoutPostedExits } from "./brokenTransitions.ts";
import type { Transaction } from "./chain.ts";
import type { Composition } from "./composition.ts";
import { SimulatedFault } from "./errors.ts";
import { plain } from "./view.ts";

/** A system broken on purpose. */
export interface Variant extends Composition {
  /**
   * In so many worlds it has to be noticed: some forty times as many as that takes on average, for they are others every
   * time, and chance is not to miss it once in a thousand years.
   */
  readonly caughtWithin: number;
  /** What the violation says. */
  readonly notices: RegExp;
}

/** A world in which operators are apart for so long that exits open, and what is then noticed. */
const apart: Pick<Variant, "notices" | "prices" | "outage" | "quorum"> = {
  notices: /is worth/,
  prices: "fixed",
  outage: true,
  quorum: { members: 3, threshold: 2, liars: 0 },
};

/** A world in which accounts are sold that cannot pay. */
const crashing: Pick<Variant, "prices" | "quorum"> = {
  prices: "crashing",
  quorum: { members: 3, threshold: 2, liars: 0 },
};

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

/** As if the chains' clocks were some seconds further than they are: what those seconds end still lives there. */
function clockAhead(input: TransitionInput): TransitionInput {
  const chains = new Map(
    [...input.state.chains].map(([eid, { block, ...chain }]) => [
      eid,
      { ...chain, block: { ...block, timestampSeconds: block.timestampSeconds + 10 } },
    ]),
  );
  return { ...input, state: { ...input.state, chains } };
}

const withRule = (protocol: Protocol, rule: PathRule): Protocol => ({
  ...protocol,
  transition: async (input) => computeEpoch(input, rule),
});

/** A claim counts nothing as withdrawn before. */
function payingAgain(transaction: Transaction): Transaction {
  if (!transaction.what.startsWith("claim")) return transaction;
  return {
    ...transaction,
    apply(state, now) {
      const vaultTotals = new Map([...state.vaultTotals].map(([key, totals]) => [key, { ...totals, withdrawn: 0n }]));
      const result = transaction.apply({ ...state, vaultTotals }, now);
      if (result === null) return null;
      const kept = new Map(state.vaultTotals);
      for (const [key, totals] of result.state.vaultTotals) if (totals.withdrawn > 0n) kept.set(key, totals);
      return { ...result, state: { ...result.state, vaultTotals: kept } };
    },
  };
}

/** A world in which one operator takes another's place again and again. */
const exchanging: Pick<Variant, "notices" | "prices" | "outage" | "rotation"> = {
  notices: /two results|goes back behind|takes back|reserves|is worth/,
  prices: "fixed",
  outage: false,
  rotation: { kinds: ["exchange"], most: 3 },
};

export const variants: readonly Variant[] = [
  {
    name: "skips the journal",
    notices: /without its journal record/,
    caughtWithin: 40,
    store: (store) => ({ ...store, recordSigned: (verified) => store.saveVerified(verified) }),
  },
  { name: "does not sync its journal", notices: /without its journal record/, caughtWithin: 40, diskSyncs: false },
  {
    name: "loses its database in a crash",
    notices: /without its journal record|signed epoch \d+ twice/,
    caughtWithin: 600,
    diskSurvives: false,
  },
  {
    name: "accepts an epoch that is not higher",
    notices: /signed epoch \d+ twice|two results/,
    caughtWithin: 600,
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
    caughtWithin: 600,
    protocol: (protocol) => ({ ...protocol, transition: (input) => protocol.transition(ignoringOne(input)) }),
  },
  {
    name: "counts only epochs that it saw attested, not those that it signed",
    // It does not see what others count, so that they do not agree, and sometimes never again.
    notices: /reserves|is worth|takes back|no epoch was attested/,
    caughtWithin: 1_500,
    store: (store) => ({
      ...store,
      withContent: () => store.withContent().filter(({ attestedAtMs }) => attestedAtMs !== null),
    }),
  },
  {
    name: "credits before finality",
    notices: /not final/,
    caughtWithin: 400,
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
    caughtWithin: 600,
    view: (view, chains) => ({
      ...view,
      checkBlock: ({ eid, number, hash }) =>
        chains.get(eid)?.blocks[number]?.hash === hash ? "canonical" : "not-canonical",
    }),
  },
  {
    name: "reuses a nonce",
    notices: /reuses nonce/,
    caughtWithin: 400,
    // It goes by what nodes say: a transaction that they dropped, or have not seen yet, it knows nothing of.
    transactions: (store) => ({ ...store, highestNonce: () => null, unsettled: () => [] }),
  },
  {
    name: "sends before it writes down",
    notices: /has no record of/,
    caughtWithin: 100,
    transactions: (store) => ({ ...store, record: (attempt) => ({ ...attempt, eid: 0, number: 0, sentAtMs: null }) }),
  },
  { name: "signs without recomputing", notices: /no transition gives it/, caughtWithin: 600, engine: blindly },
  {
    name: "accepts an older cut",
    notices: /goes back behind the cut/,
    caughtWithin: 600,
    store: (store) => ({ ...store, lastSigned: () => null }),
  },
  {
    name: "takes half of the operators for a quorum",
    notices: /two results/,
    caughtWithin: 600,
    quorum: { members: 4, threshold: 2, liars: 1 },
  },
  {
    name: "forgets what it approved",
    notices: /takes back an approval|paid/,
    caughtWithin: 600,
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
  {
    name: "forgets the epoch that is posted",
    notices: /reserves|is worth|takes back/,
    caughtWithin: 600,
    protocol: (protocol) =>
      withRule(protocol, {
        ...soundPathRule,
        epochs: (chain, earlier) =>
          epochsToReckonWith(chain, earlier).filter(({ header }) => header.epoch !== chain.postedEpoch),
      }),
  },
  {
    name: "ignores that prices moved since",
    notices: /reserves/,
    caughtWithin: 600,
    protocol: (protocol) =>
      withRule(protocol, {
        ...soundPathRule,
        drift: (_, to) => ({
          ...{
            perNotional: new BigInt64Array(to.scenarios),
            perUnit: new Map(),
            largest: 0n,
            notionalRatio: 1n << 24n,
          },
        }),
      }),
  },
  {
    name: "takes epochs for expired that a chain still takes",
    notices: /reserves|is worth|takes back/,
    caughtWithin: 600,
    protocol: (protocol) => ({ ...protocol, transition: (input) => protocol.transition(clockAhead(input)) }),
  },
  {
    name: "lets the same collateral be allotted and leave by exit",
    ...apart,
    caughtWithin: 400,
    protocol: (protocol) => ({ ...protocol, transition: async (input) => lettingAllExit(input) }),
  },
  {
    name: "forgets what may leave by exit",
    ...apart,
    caughtWithin: 600,
    protocol: (protocol) => withRule(protocol, withoutExits),
  },
  {
    name: "forgets what may leave under the posted epoch",
    ...apart,
    caughtWithin: 600,
    protocol: (protocol) => withRule(protocol, withoutPostedExits),
  },
  {
    name: "forgets what an insolvent account may be left owing",
    notices: /reserves/,
    caughtWithin: 400,
    ...crashing,
    protocol: (protocol) => ({ ...protocol, transition: async (input) => withoutDebts(input) }),
  },
  {
    name: "liquidates at a price in doubt",
    notices: /at a price in doubt/,
    caughtWithin: 400,
    ...crashing,
    protocol: (protocol) => ({ ...protocol, transition: async (input) => trustingSilentFeeds(input) }),
  },
  {
    name: "waits for nothing that strangers attested",
    ...exchanging,
    caughtWithin: 200,
    quorum: { members: 3, threshold: 2, liars: 0 },
    view: (view) => ({ ...view, replacedSetsAt: () => [] }),
  },
  {
    name: "signs for a set that it knows to be replaced",
    ...exchanging,
    notices: /long replaced/,
    caughtWithin: 250,
    quorum: { members: 4, threshold: 3, liars: 1 },
    engine: (engine, context) => ({
      ...engine,
      considerProposal: (proposal) =>
        createFollower({ ...context, view: { ...context.view, finalizedCut: () => proposal.cut } })(proposal),
    }),
  },
  {
    name: "has contracts that take a former set after its grace",
    ...exchanging,
    notices: /who are out/,
    caughtWithin: 200,
    quorum: { members: 3, threshold: 2, liars: 0 },
    chainsForgive: "UnknownOperatorSet",
  },
  {
    name: "waits for every operator",
    notices: /after the last fault no epoch was attested/,
    caughtWithin: 400,
    quorum: { members: 3, threshold: 2, liars: 0 },
    view: (view) => ({
      ...view,
      operatorSetAt: (cut) => {
        const set = view.operatorSetAt(cut);
        return set && { ...set, threshold: set.members.length };
      },
    }),
  },
  {
    name: "sends nothing that it would post",
    notices: /after the last fault chain \d+ got no fresh attestation/,
    caughtWithin: 40,
    transactions: (store) => ({
      ...store,
      record() {
        throw new SimulatedFault("nothing is written down, so nothing is sent");
      },
    }),
  },
  {
    name: "stays at the cut that it signed first",
    notices: /after the last fault a deposit on \d+ is not credited/,
    caughtWithin: 100,
    view: (view) => ({ ...view, finalizedCut: (previous) => previous ?? view.finalizedCut(null) }),
  },
  {
    name: "has vaults that pay no leaf",
    notices: /after the last fault an approved withdrawal on \d+ cannot be claimed/,
    caughtWithin: 100,
    transaction: (transaction) =>
      transaction.what.startsWith("claim") ? { ...transaction, apply: () => null } : transaction,
  },
  {
    name: "has contracts that take an older epoch",
    notices: /took epoch \d+ after/,
    caughtWithin: 100,
    chainsForgive: "StaleEpoch",
  },
  {
    name: "has vaults that pay a leaf again",
    notices: /more than it is due/,
    caughtWithin: 400,
    transaction: payingAgain,
  },
];
