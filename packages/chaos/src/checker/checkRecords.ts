import { setTimeout as sleep } from "node:timers/promises";
import { chainConfigs } from "@plimsoll/demo/system/system";
import type { Deployment } from "@plimsoll/devnet/deployment";
import { chainsConfigSchema } from "@plimsoll/indexer/config";
import { openDatabase } from "@plimsoll/indexer/database";
import { startIndexer } from "@plimsoll/indexer/indexer";
import type { Epoch } from "@plimsoll/protocol/epoch";
import type { Cut } from "@plimsoll/protocol/state";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import { createProtocol } from "@plimsoll/relayer/quorum/createProtocol";
import { createIndexView } from "@plimsoll/relayer/quorum/indexView";
import { type KeptProposal, readProposals } from "@plimsoll/relayer/rebuild/readProposals";
import { recomputeEpochs } from "@plimsoll/relayer/rebuild/recomputeEpochs";
import pino from "pino";
import { ChainsUnreadable, NothingFinal } from "../errors.ts";
import { exitsBesideAllotments, worthAt } from "./exits.ts";
import { violated } from "./vaults.ts";
import type { Violation } from "./violation.ts";

const mostReadMs = 180_000;

/** What the operators have on record, against what the chains alone give. */
export interface RecordCheck {
  readonly violations: readonly Violation[];
  /** Epochs with a quorum. */
  readonly attested: number;
  /** The longest time between two attested epochs, seconds. */
  readonly longestGapSeconds: number;
  /** Results, attested or not, that came out equal when computed again. */
  readonly recomputed: number;
  /** Results that could not be computed again, for nobody kept what they build on. */
  readonly unchecked: number;
}

/**
 * Reads every chain from its first block into an empty index, and computes all that the operators ever verified again
 * from it. No two attested results for an epoch, nobody signed two, no difference; and, as prices stood still, no
 * account worth less than nothing in any scenario at any cut, nor at the newest block, and none that an epoch lets lose
 * elsewhere what it lets leave by exit.
 *
 * @param databases Paths of the operators' databases.
 */
export async function checkRecords(deployment: Deployment, databases: readonly string[]): Promise<RecordCheck> {
  const records = databases.map(readProposals);
  const kept = mergeRecords(records);
  const rebuilt = openDatabase(":memory:");
  try {
    // An anvil that was killed twice makes its first block, which holds nothing, anew: the second does not follow from it.
    const configs = chainConfigs(deployment, ({ rpcUrl }) => [rpcUrl]).map((chain) => ({ ...chain, startBlock: 1 }));
    const chains = chainsConfigSchema.parse(configs);
    const indexer = await startIndexer({ database: rebuilt, chains, log: pino({ level: "silent" }) });
    const over = new AbortController();
    const late = sleep(mostReadMs, undefined, { signal: over.signal, ref: false }).then(() => {
      throw new ChainsUnreadable(mostReadMs);
    });
    try {
      await Promise.race([indexer.caughtUp(), late]);
    } finally {
      late.catch(() => {});
      over.abort();
      await indexer.stop();
    }
    const eids = chains.map(({ eid }) => eid).sort((a, b) => a - b);
    const view = createIndexView(rebuilt, chains.find(({ hub }) => hub)?.eid ?? 0, eids);
    const protocol = createProtocol(deployment.domainSalt);
    const cut = view.finalizedCut(null);
    if (cut === null) throw new NothingFinal();
    const state = view.stateAt(cut);
    const worth = worthAt(state);
    const insolvent: Violation[] = [];
    const epochs: Epoch[] = [];
    const outcomes = await recomputeEpochs(kept, view, protocol, (result) => {
      insolvent.push(...insolventIn(result), ...exitsBesideAllotments(result, worth));
      epochs.push(result.epoch);
    });
    // What the operators would find if they came back now, exits among it: nobody left with what was lost elsewhere.
    const last = epochs.at(-1)?.header;
    const next = { epoch: (last?.epoch ?? 0) + 1, operatorSetId: last?.operatorSetId ?? 0, issuedAt: issuedAt(cut) };
    const first = Math.min(...[...state.chains.values()].map(({ postedEpoch }) => postedEpoch ?? 0));
    const earlier = attestedFrom(first, epochs, kept);
    insolvent.push(...insolventIn(await protocol.transition({ ...next, state, earlier })));
    const different = outcomes.flatMap(({ epoch, digest, outcome }) =>
      violated(
        outcome === "different",
        "record-follows-from-chains",
        `epoch ${epoch}`,
        `result ${digest} is not theirs`,
      ),
    );
    const recomputed = outcomes.filter(({ outcome }) => outcome === "equal").length;
    return {
      violations: [...different, ...insolvent, ...rivalsIn(kept)],
      attested: kept.filter(({ attested }) => attested).length,
      longestGapSeconds: longestGap(kept),
      recomputed,
      unchecked: outcomes.length - recomputed - different.length,
    };
  } finally {
    rebuilt.close();
  }
}

/** Every result that any of the operators has, once, ascending; attested where one of them saw its quorum. */
export function mergeRecords(records: readonly (readonly KeptProposal[])[]): KeptProposal[] {
  const merged = new Map<string, KeptProposal>();
  for (const proposal of records.flat()) {
    const known = merged.get(proposal.digest);
    merged.set(proposal.digest, { ...proposal, attested: proposal.attested || (known?.attested ?? false) });
  }
  return [...merged.values()].sort((a, b) => a.header.epoch - b.header.epoch || (a.digest < b.digest ? -1 : 1));
}

/** Epochs with two attested results. */
export function rivalsIn(kept: readonly KeptProposal[]): Violation[] {
  const attested = new Map<number, KeptProposal>();
  return kept.flatMap((proposal) => {
    if (!proposal.attested) return [];
    const { epoch } = proposal.header;
    const rival = attested.get(epoch);
    attested.set(epoch, proposal);
    const detail = `${proposal.digest} and ${rival?.digest} are both attested`;
    return violated(rival !== undefined, "one-root-per-epoch", `epoch ${epoch}`, detail);
  });
}

/** The attested ones of the epochs that were computed, from a number on. */
function attestedFrom(first: number, epochs: readonly Epoch[], kept: readonly KeptProposal[]): Epoch[] {
  const roots = new Set(kept.filter(({ attested }) => attested).map(({ header }) => `${header.epoch}:${header.root}`));
  return epochs.filter(({ header }) => header.epoch >= first && roots.has(`${header.epoch}:${header.root}`));
}

const issuedAt = (cut: Cut): number => Math.max(...cut.map(({ timestampSeconds }) => timestampSeconds));

function insolventIn({ epoch, accounts }: TransitionResult): Violation[] {
  return [...accounts].flatMap(([account, { values }]) =>
    [...values].flatMap((value, scenario) => {
      const where = `epoch ${epoch.header.epoch}, account ${account}`;
      return violated(value < 0n, "account-solvent", where, `worth ${value} in scenario ${scenario}`);
    }),
  );
}

function longestGap(kept: readonly KeptProposal[]): number {
  const issued = kept.filter(({ attested }) => attested).map(({ header }) => header.issuedAt);
  return issued.reduce((longest, at, index) => Math.max(longest, at - (issued[index - 1] ?? at)), 0);
}
