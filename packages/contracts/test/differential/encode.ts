import type { Epoch, Header, InstrumentPrices } from "@plimsoll/protocol/epoch";
import type { InstrumentId } from "@plimsoll/protocol/ids";
import type { DeleverageLeaf, WithdrawalLeaf } from "@plimsoll/protocol/leaves";
import { packInt64 } from "@plimsoll/protocol/packed";
import {
  type ChainPath,
  type MarginProof,
  type ProvableEpoch,
  type Proven,
  provable,
  proveChain,
  proveDeleverage,
  proveMargin,
  proveWithdrawal,
} from "@plimsoll/protocol/proofs";
import type { Portfolio } from "@plimsoll/protocol/state";
import { abs, oneE8 } from "@plimsoll/risk/fixed-point";
import { type Address, bytesToHex, type Hex, hexToBytes } from "viem";
import type { Random } from "./random.ts";
import type { Case } from "./randomCase.ts";

/** The leaves of a case and the ways from them to the roots, some of them spoilt. */
export interface CaseProofs {
  readonly chain: ChainPath;
  readonly withdrawal: Proven<WithdrawalLeaf>;
  readonly deleverage: Proven<DeleverageLeaf>;
  readonly margin: MarginProof;
}

/** One proof in eight has one bit wrong, a node too many or too few, or two nodes exchanged: mostly not a proof. */
function perhapsSpoilt(random: Random, proof: readonly Hex[]): Hex[] {
  const nodes = [...proof];
  if (!random.onceIn(8)) return nodes;
  const at = random.integer(0, Math.max(0, nodes.length - 1));
  const kind = random.integer(0, 3);
  if (kind === 0 || nodes.length < 2) nodes.push(random.hex(32));
  else if (kind === 1) nodes.splice(at, 1);
  else if (kind === 2) nodes.reverse();
  else nodes[at] = flipBit(nodes[at] as Hex, random.integer(0, 255));
  return nodes;
}

function flipBit(node: Hex, bit: number): Hex {
  return `0x${(BigInt(node) ^ (1n << BigInt(bit))).toString(16).padStart(64, "0")}`;
}

/** One multiproof in eight has a sibling spoilt as above, or one byte of its steps. */
function perhapsSpoiltMargin(random: Random, proof: MarginProof): MarginProof {
  const spoilt = { ...proof, siblings: perhapsSpoilt(random, proof.siblings) };
  if (!random.onceIn(16)) return spoilt;
  const bytes = hexToBytes(proof.steps);
  bytes[random.integer(0, bytes.length - 1)] = random.pick([0, 1, 2, 254, 255]);
  return { ...spoilt, steps: bytesToHex(bytes) };
}

/** A queue of the epoch, if it has one; else one that it has not. */
function caseQueue(c: Case, from: ProvableEpoch, consumer: Address, random: Random): Proven<DeleverageLeaf> {
  const [account] = c.epoch.chains.get(c.eid)?.deleverageQueues.get(consumer)?.keys() ?? [];
  if (account === undefined)
    return { leaf: { account: c.account, consumer, queue: [c.account] }, proof: [random.hex(32)] };
  const { leaf, proof } = proveDeleverage(from, c.eid, consumer, account);
  return { leaf, proof: perhapsSpoilt(random, proof) };
}

export function caseProofs(c: Case, consumer: Address, random: Random): CaseProofs {
  const from = provable(c.epoch);
  const chain = proveChain(from, c.eid);
  const { leaf, proof } = proveWithdrawal(from, c.eid, c.account, c.asset);
  const ids = [...c.epoch.instruments.keys()];
  // Any of the instruments: what lies between those proven is given as siblings.
  const instruments = random.onceIn(2) ? ids : ids.filter(() => random.onceIn(2));
  const others = [...(c.epoch.chains.get(c.eid)?.allotments.get(consumer)?.keys() ?? [])].filter(() =>
    random.onceIn(3),
  );
  const accounts = [c.account, ...others];
  return {
    chain: { ...chain, chainPath: perhapsSpoilt(random, chain.chainPath) },
    withdrawal: { leaf, proof: perhapsSpoilt(random, proof) },
    deleverage: caseQueue(c, from, consumer, random),
    margin: perhapsSpoiltMargin(random, proveMargin(from, c.eid, consumer, { accounts, instruments })),
  };
}

function wireHeader({ epoch, issuedAt, expiresAt, ...rest }: Header) {
  return { ...rest, epoch: BigInt(epoch), issuedAt: BigInt(issuedAt), expiresAt: BigInt(expiresAt) };
}

function wireMargin(margin: MarginProof) {
  return {
    ...margin,
    accounts: margin.accounts.map((leaf) => ({ ...leaf, allotment: packInt64(leaf.allotment) })),
    instruments: margin.instruments.map((leaf) => ({ ...leaf, prices: packInt64(leaf.prices) })),
  };
}

/** An argument of `hashAll`. */
export function encodedCase(c: Case, { chain, withdrawal, deleverage, margin }: CaseProofs) {
  return {
    header: wireHeader(c.epoch.header),
    salt: c.salt,
    eid: c.eid,
    chain: { root: c.epoch.header.root, proof: chain.chainPath },
    order: c.order,
    chainRoot: chain.chainRoot,
    withdrawal: withdrawal.leaf,
    withdrawalProof: { root: chain.chainRoot, proof: withdrawal.proof },
    deleverage: deleverage.leaf,
    deleverageProof: { root: chain.chainRoot, proof: deleverage.proof },
    margin: wireMargin(margin),
  };
}

function proofsAgainst(c: Case, epoch: Epoch, consumer: Address, hasLeaf: boolean, ids: readonly InstrumentId[]) {
  const wanted = { accounts: hasLeaf ? [c.account] : [], instruments: ids };
  return wireMargin(proveMargin(provable(epoch), c.eid, consumer, wanted));
}

/** An argument of `judgeAll`. */
export function checkedCase(c: Case, consumer: Address, timestampSeconds: bigint) {
  const ids = [...c.before.positions.keys()];
  const needed = [...new Set([...ids, c.changed])].sort();
  const opening = [...c.before.positions].map(([instrument, sizeChange]) => ({
    account: c.account,
    instrument,
    sizeChange,
    cashChange: 0n,
  }));
  opening.push({ account: c.account, instrument: c.changed, sizeChange: 0n, cashChange: c.before.cash });
  const sizeOf = (portfolio: Portfolio) => portfolio.positions.get(c.changed) ?? 0n;
  const change = {
    account: c.account,
    instrument: c.changed,
    sizeChange: sizeOf(c.after) - sizeOf(c.before),
    cashChange: c.after.cash - c.before.cash,
  };
  const step = (epoch: Epoch, hasLeaf: boolean) => ({
    chainRoot: epoch.chainRoots.get(c.eid) as Hex,
    epoch: BigInt(epoch.header.epoch),
    proofs: proofsAgainst(c, epoch, consumer, hasLeaf, needed),
  });
  const later = timestampSeconds + 1_000_000n;
  return {
    opening: { ...step(c.opening, true), expiresAt: later, changes: opening },
    judged: { ...step(c.epoch, c.hasLeaf), expiresAt: c.expired ? 1n : later, changes: [change] },
  };
}

/** An argument of `valueAll`: the portfolio after the change. */
export function valuedCase(c: Case) {
  const legs = Array.from(c.after.positions, ([id, size]) => ({
    size,
    instrument: c.epoch.instruments.get(id) as InstrumentPrices,
  }));
  const fixedE16 = legs.reduce((sum, leg) => sum - abs(leg.size) * leg.instrument.charge, c.after.cash * oneE8);
  return {
    legs,
    argument: {
      fixedE16,
      scenarios: BigInt(c.scenarios),
      sizes: legs.map(({ size }) => size),
      prices: legs.map(({ instrument }) => packInt64(instrument.prices)),
    },
  };
}
