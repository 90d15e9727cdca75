import type { Deployment } from "@plimsoll/devnet/deployment";
import { joinSignatures, signHeader } from "@plimsoll/protocol/attestation";
import type { Header } from "@plimsoll/protocol/epoch";
import type { AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import {
  type AccountLeaf,
  type DeleverageLeaf,
  hashAccountLeaf,
  hashChainRoot,
  hashDeleverageLeaf,
  hashInstrumentLeaf,
  hashWithdrawalLeaf,
  type InstrumentLeaf,
  type WithdrawalLeaf,
} from "@plimsoll/protocol/leaves";
import { proofOf, rootOf, treeOf } from "@plimsoll/protocol/merkle";
import { multiProofOf } from "@plimsoll/protocol/multi-proof";
import type { MarginProof } from "@plimsoll/protocol/proofs";
import {
  deleverageProofToWire,
  instrumentProofToWire,
  instrumentToWire,
  marginProofToWire,
} from "@plimsoll/protocol/to-wire";
import type {
  AttestationJson,
  ChainJson,
  DeleverageProofJson,
  InstrumentJson,
  InstrumentProofJson,
  TradeProofsJson,
  WithdrawalProofJson,
} from "@plimsoll/protocol/wire";
import { type Hex, zeroHash } from "viem";
import { type JsonServer, problem, serveJson } from "./jsonServer.ts";

/** What an epoch is to say. The stand-in signs whatever a test wants: only so can a test choose who is refused. */
interface WantedEpoch {
  readonly instruments: readonly InstrumentLeaf[];
  readonly accounts: readonly (AccountLeaf & { readonly eid: Eid })[];
  readonly withdrawals?: readonly (WithdrawalLeaf & { readonly eid: Eid })[];
  readonly queues?: readonly (DeleverageLeaf & { readonly eid: Eid })[];
  readonly lifetimeSeconds?: number;
}

export interface StandInOperators extends JsonServer {
  /** Signs an epoch and serves it as the newest. */
  attest(wanted: WantedEpoch): Promise<number>;
  /** As `SolvencyAttestations.post` takes it, in JSON. */
  attestation(eid: Eid, epoch?: number): AttestationJson;
  /** Serves an older epoch as the newest, for so many answers; as a node that has fallen behind does. */
  lagBehind(epoch: number, answers?: number): void;
  /** Called once, after the next answer with proofs is made up and before it is sent. */
  afterNextProofs(action: () => Promise<unknown>): void;
}

/**
 * Stands in for operators' nodes in tests that need an epoch to say something certain or to come at a certain moment.
 * Leaves, trees and signatures are real ones, by the operators' keys, and pass the real contracts; what they say is the
 * test's word and no transition's.
 */
export async function startStandInOperators(parameters: {
  deployment: Deployment;
  operatorKeys: readonly Hex[];
  firstEpoch: number;
}): Promise<StandInOperators> {
  const { deployment, operatorKeys } = parameters;
  const epochs: SignedEpoch[] = [];
  let next = parameters.firstEpoch;

  let lag = { epoch: 0, answers: 0 };
  let action: (() => Promise<unknown>) | null = null;

  const find = (epoch: string | number | null): SignedEpoch | undefined =>
    epoch === null ? epochs.at(-1) : epochs.find(({ header }) => header.epoch === Number(epoch));

  const server = await serveJson(async ({ pathname, searchParams: query }) => {
    if (pathname === "/v1/chains") return { body: chainsJson(deployment) };
    if (pathname === "/v1/instruments") return { body: instrumentsJson(epochs.at(-1)) };
    const epoch = find(query.get("epoch") ?? (lag.answers-- > 0 ? lag.epoch : null));
    const before = action;
    action = null;
    await before?.();
    if (epoch === undefined) return problem(404, "unknown-epoch");
    const eid = Number(query.get("eid"));
    if (pathname === "/v1/proofs/trade") return { body: tradeProofs(epoch, eid, query) };
    if (pathname === "/v1/proofs/deleverage") {
      const proof = deleverageProof(epoch, eid, query);
      return proof === null ? problem(404, "no-queue") : { body: proof };
    }
    if (pathname === "/v1/proofs/instrument") {
      const proof = instrumentProof(epoch, eid, query);
      return proof === null ? problem(404, "unknown-instrument") : { body: proof };
    }
    const withdrawal = withdrawalProof(epoch, eid, query);
    return withdrawal === null ? problem(404, "nothing-approved") : { body: withdrawal };
  });

  return {
    ...server,
    lagBehind(epoch, answers = 1) {
      lag = { epoch, answers };
    },
    afterNextProofs(next) {
      action = next;
    },
    async attest(wanted) {
      const epoch = await signEpoch({ wanted, epoch: next++, deployment, operatorKeys });
      epochs.push(epoch);
      return epoch.header.epoch;
    },
    attestation(eid, epoch) {
      const found = find(epoch ?? null);
      if (found === undefined) throw new TypeError("no such epoch");
      return attestationJson(found, eid);
    },
  };
}

interface SignedEpoch {
  readonly header: Header;
  readonly wanted: WantedEpoch;
  readonly signatures: Hex;
  readonly eids: readonly Eid[];
}

async function signEpoch(parameters: {
  wanted: WantedEpoch;
  epoch: number;
  deployment: Deployment;
  operatorKeys: readonly Hex[];
}): Promise<SignedEpoch> {
  const { wanted, epoch, deployment, operatorKeys } = parameters;
  const eids = deployment.chains.map(({ eid }) => eid).sort((a, b) => a - b);
  const root = rootOf(treeOf(eids.map((eid) => hashChainRoot(eid, rootOf(treeOf(leavesOf(wanted, eid)))))));
  const issuedAt = Math.floor(Date.now() / 1000) - 2;
  const header: Header = {
    epoch,
    operatorSetId: 1,
    root,
    cutHash: zeroHash,
    riskVersion: 1,
    issuedAt,
    expiresAt: issuedAt + (wanted.lifetimeSeconds ?? 600),
  };
  const signers = operatorKeys.slice(0, deployment.threshold);
  const signatures = await Promise.all(signers.map((key) => signHeader(header, deployment.domainSalt, key)));
  return { header, wanted, signatures: joinSignatures(signatures), eids };
}

/** In the order of operators' trees. */
function leavesOf(wanted: WantedEpoch, eid: Eid): Hex[] {
  const byId = (a: string, b: string) => (a < b ? -1 : 1);
  return [
    ...wanted.instruments.toSorted((a, b) => byId(a.instrument, b.instrument)).map(hashInstrumentLeaf),
    ...(wanted.withdrawals ?? []).filter((leaf) => leaf.eid === eid).map(hashWithdrawalLeaf),
    ...wanted.accounts
      .filter((leaf) => leaf.eid === eid)
      .toSorted((a, b) => byId(a.account, b.account))
      .map(hashAccountLeaf),
    ...(wanted.queues ?? [])
      .filter((leaf) => leaf.eid === eid)
      .toSorted((a, b) => byId(a.account, b.account))
      .map(hashDeleverageLeaf),
  ];
}

function attestationJson({ header, wanted, signatures, eids }: SignedEpoch, eid: Eid): AttestationJson {
  const roots = eids.map((other) => rootOf(treeOf(leavesOf(wanted, other))));
  const tree = treeOf(eids.map((other, index) => hashChainRoot(other, roots[index] ?? zeroHash)));
  const index = eids.indexOf(eid);
  return { header: { ...header }, chainRoot: roots[index] ?? zeroHash, chainPath: proofOf(tree, index), signatures };
}

function tradeProofs(epoch: SignedEpoch, eid: Eid, query: URLSearchParams): TradeProofsJson {
  const proof = marginProof(epoch, eid, query, listed(query, "accounts"), listed(query, "instruments"));
  return { attestation: attestationJson(epoch, eid), ...marginProofToWire(proof) };
}

/** As a node does it, but with every instrument that there is. */
function deleverageProof(epoch: SignedEpoch, eid: Eid, query: URLSearchParams): DeleverageProofJson | null {
  const { wanted } = epoch;
  const [account, consumer] = [query.get("account"), query.get("consumer")];
  const leaf = wanted.queues?.find((one) => one.eid === eid && one.account === account && one.consumer === consumer);
  if (leaf === undefined) return null;
  const leaves = leavesOf(wanted, eid);
  const front = leaf.queue.slice(0, Number(query.get("counterparties") ?? 16));
  const accounts = [leaf.account, ...front, ...listed(query, "accounts")];
  const instruments = wanted.instruments.map(({ instrument }) => instrument);
  const { eid: _, ...queue } = leaf;
  return deleverageProofToWire(
    attestationJson(epoch, eid),
    { leaf: queue, proof: proofOf(treeOf(leaves), leaves.indexOf(hashDeleverageLeaf(queue))) },
    marginProof(epoch, eid, query, accounts, instruments),
  );
}

const listed = (query: URLSearchParams, name: string): string[] => (query.get(name) ?? "").split(",");

/** Ascending, each once, of those that the epoch speaks of. */
function marginProof(
  { wanted }: SignedEpoch,
  eid: Eid,
  query: URLSearchParams,
  askedAccounts: readonly string[],
  askedInstruments: readonly string[],
): MarginProof {
  const consumer = query.get("consumer");
  const ascending = (asked: readonly string[]) => [...new Set(asked)].sort();
  const accounts = ascending(askedAccounts).flatMap(
    (account) =>
      wanted.accounts.find((leaf) => leaf.eid === eid && leaf.account === account && leaf.consumer === consumer) ?? [],
  );
  const instruments = ascending(askedInstruments).flatMap(
    (id) => wanted.instruments.find(({ instrument }) => instrument === id) ?? [],
  );
  const leaves = leavesOf(wanted, eid);
  const hashes = [...instruments.map(hashInstrumentLeaf), ...accounts.map(hashAccountLeaf)];
  const proof = multiProofOf(
    treeOf(leaves),
    hashes.map((hash) => leaves.indexOf(hash)),
  );
  return { ...proof, accounts: accounts.map(({ eid: _, ...leaf }) => leaf), instruments };
}

function instrumentProof(epoch: SignedEpoch, eid: Eid, query: URLSearchParams): InstrumentProofJson | null {
  const leaf = epoch.wanted.instruments.find(({ instrument }) => instrument === query.get("instrument"));
  if (leaf === undefined) return null;
  const leaves = leavesOf(epoch.wanted, eid);
  const proof = proofOf(treeOf(leaves), leaves.indexOf(hashInstrumentLeaf(leaf)));
  return instrumentProofToWire(attestationJson(epoch, eid), { leaf, proof });
}

function instrumentsJson(epoch: SignedEpoch | undefined): InstrumentJson[] {
  const leaves = (epoch?.wanted.instruments ?? []).toSorted((a, b) => (a.instrument < b.instrument ? -1 : 1));
  return leaves.map((leaf) => instrumentToWire(leaf.instrument, leaf));
}

function withdrawalProof(epoch: SignedEpoch, eid: Eid, query: URLSearchParams): WithdrawalProofJson | null {
  const leaf = epoch.wanted.withdrawals?.find(
    (candidate) =>
      candidate.eid === eid && candidate.account === query.get("account") && candidate.asset === query.get("asset"),
  );
  if (leaf === undefined) return null;
  const leaves = leavesOf(epoch.wanted, eid);
  const { account, vault, asset, approvedTotal, exitTotal } = leaf;
  return {
    attestation: attestationJson(epoch, eid),
    leaf: { account, vault, asset, approvedTotal: String(approvedTotal), exitTotal: String(exitTotal) },
    proof: proofOf(treeOf(leaves), leaves.indexOf(hashWithdrawalLeaf(leaf))),
  };
}

function chainsJson(deployment: Deployment): ChainJson[] {
  return deployment.chains.map(({ eid, chainId, name, hub, contracts }) => ({
    eid,
    chainId,
    name,
    hub,
    contracts,
    head: 0,
    finalized: 0,
    indexed: 0,
    postedEpoch: null,
  }));
}

/** A perpetual's leaf with one price a shock, in basis points of the mark. */
export function perpetualLeaf(
  instrument: InstrumentId,
  markE8: bigint,
  shocksBps: readonly bigint[],
  chargeE8 = 0n,
): InstrumentLeaf {
  const prices = BigInt64Array.from(shocksBps, (shock) => (markE8 * (10_000n + shock)) / 10_000n);
  return {
    instrument,
    status: 0,
    mark: markE8,
    notional: markE8,
    charge: chargeE8,
    settlement: 0n,
    funding: 0n,
    stressBps: 10_000,
    prices,
  };
}

/** An account's leaf that allows the same loss in every scenario. */
export function accountLeaf(
  where: { eid: Eid; consumer: Hex; account: AccountId },
  allowed: { lossE8: bigint; grossLimitE8: bigint; scenarios: number },
): AccountLeaf & { eid: Eid } {
  return {
    ...where,
    consumer: where.consumer.toLowerCase() as Hex,
    status: 0,
    grossLimit: allowed.grossLimitE8,
    allotment: new BigInt64Array(allowed.scenarios).fill(allowed.lossE8),
  };
}
