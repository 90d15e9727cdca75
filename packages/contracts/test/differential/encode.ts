import type { Epoch, Header, InstrumentPrices } from "@plimsoll/protocol/epoch";
import type { InstrumentId } from "@plimsoll/protocol/ids";
import type { AccountLeaf, InstrumentLeaf, WithdrawalLeaf } from "@plimsoll/protocol/leaves";
import { packInt64 } from "@plimsoll/protocol/packed";
import {
  type ChainPath,
  type Proven,
  provable,
  proveAccount,
  proveChain,
  proveInstrument,
  proveWithdrawal,
} from "@plimsoll/protocol/proofs";
import type { Portfolio } from "@plimsoll/protocol/state";
import { abs, oneE8 } from "@plimsoll/risk/fixed-point";
import type { Address, Hex } from "viem";
import type { Random } from "./random.ts";
import type { Case } from "./randomCase.ts";

/** The leaves of a case and the ways from them to the roots, some of them spoilt. */
export interface CaseProofs {
  readonly chain: ChainPath;
  readonly account: Proven<AccountLeaf>;
  readonly withdrawal: Proven<WithdrawalLeaf>;
  readonly instruments: readonly Proven<InstrumentLeaf>[];
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

export function caseProofs(c: Case, consumer: Address, random: Random): CaseProofs {
  const from = provable(c.epoch);
  const spoilt = <Leaf>({ leaf, proof }: Proven<Leaf>) => ({ leaf, proof: perhapsSpoilt(random, proof) });
  const chain = proveChain(from, c.eid);
  return {
    chain: { ...chain, chainPath: perhapsSpoilt(random, chain.chainPath) },
    account: spoilt(proveAccount(from, c.eid, consumer, c.account)),
    withdrawal: spoilt(proveWithdrawal(from, c.eid, c.account, c.asset)),
    instruments: [...c.epoch.instruments.keys()].map((id) => spoilt(proveInstrument(from, c.eid, id))),
  };
}

function wireHeader({ epoch, issuedAt, expiresAt, ...rest }: Header) {
  return { ...rest, epoch: BigInt(epoch), issuedAt: BigInt(issuedAt), expiresAt: BigInt(expiresAt) };
}

function wireInstrument({ leaf, proof }: Proven<InstrumentLeaf>) {
  return { leaf: { ...leaf, prices: packInt64(leaf.prices) }, proof };
}

function wireAccount(leaf: AccountLeaf) {
  return { ...leaf, allotment: packInt64(leaf.allotment) };
}

/** An argument of `hashAll`. */
export function encodedCase(c: Case, { chain, account, withdrawal, instruments }: CaseProofs) {
  return {
    header: wireHeader(c.epoch.header),
    salt: c.salt,
    eid: c.eid,
    chain: { root: c.epoch.header.root, proof: chain.chainPath },
    order: c.order,
    account: wireAccount(account.leaf),
    accountProof: { root: chain.chainRoot, proof: account.proof },
    withdrawal: withdrawal.leaf,
    withdrawalProof: { root: chain.chainRoot, proof: withdrawal.proof },
    instruments: instruments.map(wireInstrument),
  };
}

function proofsAgainst(c: Case, epoch: Epoch, consumer: Address, hasLeaf: boolean, ids: readonly InstrumentId[]) {
  const from = provable(epoch);
  const { leaf, proof } = proveAccount(from, c.eid, consumer, c.account);
  return {
    accounts: hasLeaf ? [{ leaf: wireAccount(leaf), proof }] : [],
    instruments: ids.map((id) => wireInstrument(proveInstrument(from, c.eid, id))),
  };
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
