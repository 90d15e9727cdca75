import { accountOfKey } from "@plimsoll/protocol/chain-tree";
import { hashCut } from "@plimsoll/protocol/cut";
import { accountStatus, type Epoch, type Header, instrumentStatus } from "@plimsoll/protocol/epoch";
import type { AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import { consumers } from "@plimsoll/protocol/simulation/chains";
import type { Portfolio } from "@plimsoll/protocol/state";
import { collectCollateral, countedAmount, writeCollateralValue } from "@plimsoll/protocol/transition/capacity";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import { priceInstruments } from "@plimsoll/protocol/transition/instruments";
import { underlyingMarkets } from "@plimsoll/protocol/transition/markets";
import { soundPathRule } from "@plimsoll/protocol/transition/path";
import { portfolioValuesE16 } from "@plimsoll/risk/portfolio";
import { zeroSum } from "@plimsoll/risk/vectors";
import type { Address, Hex } from "viem";
import type { OperatorSet } from "../src/quorum/chainView.ts";
import { type Chain, finalityDepth } from "./chain.ts";
import { Violation } from "./errors.ts";
import type { Membership } from "./membership.ts";
import { setFor } from "./operatorSets.ts";
import { accounts, hubEid, type State } from "./state.ts";
import { stateOf } from "./view.ts";

/** As many as one event can change. */
const newestBlocks = finalityDepth + 2;
/** No index is so late, and no computation takes so long, that an operator learns of a final block later than that. */
const latestMs = 7_000;
const oneUsd = 100_000_000n;
const nothing: Portfolio = { cash: 0n, positions: new Map() };

/** An epoch with a quorum of signatures that left their makers: whoever collected them can post it. */
export interface Attested {
  readonly set: OperatorSet;
  readonly digest: Hex;
  readonly header: Header;
  readonly epoch: Epoch;
  /** Of members of the set. */
  readonly signatures: ReadonlyMap<Address, Hex>;
}

export interface OracleOptions {
  readonly chains: ReadonlyMap<Eid, Chain>;
  readonly membership: Membership;
  readonly isLiar: (operator: Address) => boolean;
  readonly journaled: (operator: Address, epoch: number) => Hex | null;
  readonly nowMs: () => number;
  /** Prices stand still: nobody may ever have lost more than there is. */
  readonly fixedPrices: boolean;
}

/** Sees all chains, all disks and all that is said, and throws at the first broken promise. */
export interface Oracle {
  /** A result of the transition, as somebody computed it. */
  computed(digest: Hex, result: TransitionResult): void;
  /** An operator is about to sign. */
  signs(signer: Address, header: Header): void;
  /** A signature left its maker. */
  released(signer: Address, digest: Hex, header: Header, signature: Hex): void;
  /** A result that no transition gave. */
  forged(digest: Hex, epoch: Epoch): void;
  epochOf(digest: Hex): Epoch | undefined;
  readonly attested: readonly Attested[];
  /** After every change of a chain. */
  checkChains(changed: ReadonlySet<Eid>): void;
}

export function createOracle(options: OracleOptions): Oracle {
  const { chains, membership, isLiar, journaled, nowMs, fixedPrices } = options;
  const results = new Map<Hex, TransitionResult>();
  const forged = new Map<Hex, Epoch>();
  const signatures = new Map<Hex, Map<Address, Hex>>();
  const firstOf = new Map<string, Hex>();
  const attested: Attested[] = [];
  const headState = (eid: Eid): State | undefined => chains.get(eid)?.head().state;
  const held = (eid: Eid, consumer: Address, account: AccountId) =>
    headState(eid)?.portfolios.get(consumer)?.get(account) ?? nothing;

  const epochOf = (digest: Hex) => results.get(digest)?.epoch ?? forged.get(digest);

  /** Whether chains act on it, or somebody can still post it. */
  const isLive = ({ header, digest }: Attested): boolean =>
    [...chains.values()].some((chain) => {
      const { posted } = chain.head().state;
      const canBePosted = header.epoch > (posted?.epoch ?? 0) && chain.nowSeconds() < header.expiresAt;
      return posted?.digest === digest || canBePosted;
    });

  const checkQuorum = (one: Attested) => {
    const { digest, header, epoch } = one;
    // Of what strangers attested before a rotation, nobody need know once it can be posted no more.
    const others = attested.filter((other) => other.set.id === one.set.id || isLive(other));
    const rival = others.find((other) => other.header.epoch === header.epoch);
    if (rival !== undefined) throw new Violation(`two results of epoch ${header.epoch} are attested`);
    const result = results.get(digest);
    if (result === undefined) throw new Violation(`epoch ${header.epoch} is attested, but no transition gives it`);
    for (const { eid, number, hash } of epoch.cut) {
      const chain = chains.get(eid);
      if (chain?.blocks[number]?.hash !== hash || number > chain.finalizedNumber()) {
        throw new Violation(`epoch ${header.epoch} is attested over a block of ${eid} that is not final`);
      }
    }
    if (hashCut(epoch.cut) !== header.cutHash) throw new Violation(`epoch ${header.epoch} is attested for another cut`);
    for (const other of others) checkOrder(one, other);
    // One that gathers its quorum after a later one is counted by that, and speaks of the time before.
    if (others.every((other) => other.header.epoch < header.epoch)) checkReserved(result);
    checkNotInDoubt(epoch);
  };

  /** A later epoch's cut is no older, and its approved totals are no lower than those posted. */
  const checkOrder = (one: Attested, other: Attested) => {
    const [before, after] = other.header.epoch < one.header.epoch ? [other, one] : [one, other];
    for (const block of after.epoch.cut) {
      const old = before.epoch.cut.find(({ eid }) => eid === block.eid);
      if (old !== undefined && old.number > block.number) {
        throw new Violation(`epoch ${after.header.epoch} goes back behind the cut of ${before.header.epoch}`);
      }
    }
    for (const [eid, { withdrawals }] of before.epoch.chains) {
      const block = after.epoch.cut.find((each) => each.eid === eid);
      const state = block === undefined ? undefined : chains.get(eid)?.blocks[block.number]?.state;
      if (block === undefined || state === undefined) continue;
      if (before.header.epoch !== state.postedEpoch) continue;
      for (const [key, { approvedTotal }] of withdrawals) {
        if ((after.epoch.chains.get(eid)?.withdrawals.get(key)?.approvedTotal ?? 0n) < approvedTotal) {
          throw new Violation(`epoch ${after.header.epoch} takes back an approval of ${before.header.epoch}`);
        }
      }
    }
  };

  /** What may have been lost by now covers what was lost by now, at the epoch's own prices. */
  const checkReserved = ({ epoch, prices, accounts: reports }: TransitionResult) => {
    for (const [account, report] of reports) {
      for (const { eid, consumer, reserved } of report.consumers) {
        const { cash, positions } = held(eid, consumer, account);
        portfolioValuesE16(cash, holdingsOf(positions, prices), reserved.length).forEach((value, s) => {
          if (-value > (reserved[s] ?? 0n) * oneUsd) {
            throw new Violation(
              `epoch ${epoch.header.epoch} reserves ${reserved[s]} E8 for ${account.slice(0, 6)} on ${eid}, which lost ${-value} E16 in scenario ${s}`,
            );
          }
        });
      }
    }
  };

  /** Nobody is sold who holds something at a price that is too old to be relied on. */
  const checkNotInDoubt = ({ header, cut, instruments, chains: leaves }: Epoch) => {
    const sold = new Set<AccountId>();
    for (const { allotments } of leaves.values()) {
      for (const byAccount of allotments.values()) {
        for (const [account, { status }] of byAccount) if (status >= accountStatus.liquidatable) sold.add(account);
      }
    }
    if (sold.size === 0) return;
    const { hub, chains: states } = stateOf(cut.flatMap(({ eid, number }) => chains.get(eid)?.blocks[number] ?? []));
    const now = Math.max(header.issuedAt, states.get(hub.eid)?.block.timestampSeconds ?? 0);
    const isOld = (instrument: InstrumentId): boolean => {
      // What has settled is worth its settlement price, whatever its feed says since.
      if (instruments.get(instrument)?.status === instrumentStatus.settled) return false;
      const underlying = hub.risk.instruments.get(instrument)?.underlying ?? "0x";
      const { updatedAtSeconds = 0 } = hub.prices.get(underlying) ?? {};
      return now - updatedAtSeconds > (hub.risk.underlyings.get(underlying)?.maxAgeSeconds ?? 0);
    };
    for (const { portfolios } of states.values()) {
      for (const books of portfolios.values()) {
        for (const account of sold) {
          if (![...(books.get(account) ?? nothing).positions.keys()].some(isOld)) continue;
          throw new Violation(`epoch ${header.epoch} sells ${account.slice(0, 6)} at a price in doubt`);
        }
      }
    }
  };

  const live = (): Epoch[] => attested.filter(isLive).map(({ epoch }) => epoch);

  const checkSolvent = () => {
    const state = stateOf([...chains.values()].map((chain) => chain.head()));
    const deposited = new Map([...state.chains].map(([eid, { vaultTotals }]) => [eid, vaultTotals] as const));
    const markets = underlyingMarkets(state.hub, 0, []);
    const seconds = chains.get(hubEid)?.nowSeconds() ?? 0;
    const prices = priceInstruments(state.hub, markets, { nowSeconds: seconds, cutSeconds: seconds }, () => true).all;
    const rows = state.hub.risk.scenarios.priceShocksBps.length / state.hub.risk.scenarios.underlyings.length;
    // What may leave by exit, now or later, is no longer there for anybody.
    const hub = { ...state.hub, ledger: deposited };
    const collateral = collectCollateral({ ...state, hub }, live(), markets, soundPathRule.exits);
    const worth = new BigInt64Array(rows);
    for (const account of accounts) {
      const values = new Array<bigint>(rows).fill(0n);
      for (const item of collateral.get(account) ?? []) {
        if (countedAmount(item, item.exitable) === 0n) continue;
        writeCollateralValue(item, item.exitable, zeroSum(rows), worth);
        for (let s = 0; s < rows; s++) values[s] = (values[s] ?? 0n) + (worth[s] ?? 0n) * oneUsd;
      }
      for (const { eid, consumer } of consumers) {
        const { cash, positions } = held(eid, consumer, account);
        portfolioValuesE16(cash, holdingsOf(positions, prices), rows).forEach((value, s) => {
          values[s] = (values[s] ?? 0n) + value;
        });
      }
      const broken = values.findIndex((value) => value < 0n);
      if (broken >= 0) {
        throw new Violation(`account ${account.slice(0, 6)} is worth ${values[broken]} E16 in scenario ${broken}`);
      }
    }
  };

  /** What a chain acts on has a quorum of a set that it takes, came before it expired, and is no older than what it acted on before. */
  const checkPosted = (eid: Eid) => {
    const blocks = chains.get(eid)?.blocks ?? [];
    for (const block of blocks.slice(-newestBlocks)) {
      const { posted } = block.state;
      const state = blocks[block.number - 1]?.state;
      const before = state?.posted ?? null;
      if (posted === null || posted.digest === before?.digest) continue;
      if (state !== undefined && setFor(state.operators, posted.operatorSetId, block.timestampSeconds) === null) {
        throw new Violation(
          `chain ${eid} took epoch ${posted.epoch} of operators ${posted.operatorSetId}, who are out`,
        );
      }
      if (!attested.some(({ digest }) => digest === posted.digest)) {
        throw new Violation(`chain ${eid} took epoch ${posted.epoch}, which has no quorum`);
      }
      if (posted.epoch <= (before?.epoch ?? 0)) {
        throw new Violation(`chain ${eid} took epoch ${posted.epoch} after ${before?.epoch}`);
      }
      if (block.timestampSeconds >= posted.expiresAt) {
        throw new Violation(`chain ${eid} took epoch ${posted.epoch} after it expired`);
      }
    }
  };

  const checkPayments = (eid: Eid) => {
    const state = headState(eid);
    for (const [key, paid] of state?.paid ?? []) {
      const totals = state?.vaultTotals.get(key);
      if (paid !== totals?.withdrawn || paid > (state?.asked.get(key) ?? 0n) || paid > totals.deposited) {
        throw new Violation(`${accountOfKey(key).slice(0, 6)} was paid ${paid} on ${eid}, more than it is due`);
      }
    }
  };

  return {
    attested,
    epochOf,
    computed(digest, result) {
      // Two operators may find the very same header, each from the epochs it knows: it is as safe as the more careful one.
      const known = results.get(digest);
      if (known === result) return;
      if (known === undefined || reservedInAll(result) > reservedInAll(known)) results.set(digest, result);
    },
    forged: (digest, epoch) => forged.set(digest, epoch),
    signs(signer, { epoch, operatorSetId }) {
      const known = chains.get(hubEid)?.blocks.findLast(({ finalizedAtMs }) => finalizedAtMs <= nowMs() - latestMs);
      if (isLiar(signer) || known === undefined || known.state.registry.length <= operatorSetId) return;
      throw new Violation(`${signer.slice(0, 6)} signs epoch ${epoch} for operators ${operatorSetId}, long replaced`);
    },
    released(signer, digest, header, signature) {
      if (!isLiar(signer)) {
        const first = firstOf.get(`${signer} ${header.epoch}`) ?? digest;
        firstOf.set(`${signer} ${header.epoch}`, first);
        if (journaled(signer, header.epoch) !== digest) {
          throw new Violation(
            `a signature of epoch ${header.epoch} left ${signer.slice(0, 6)} without its journal record`,
          );
        }
        if (first !== digest) throw new Violation(`${signer.slice(0, 6)} signed epoch ${header.epoch} twice`);
      }
      const set = membership.sets[header.operatorSetId - 1]?.set;
      const known = signatures.get(digest) ?? new Map<Address, Hex>();
      signatures.set(digest, known);
      if (known.has(signer) || set === undefined || !set.members.includes(signer)) return;
      known.set(signer, signature);
      const epoch = epochOf(digest);
      if (known.size !== set.threshold) return;
      if (epoch === undefined) throw new Violation(`epoch ${header.epoch} is attested, but nobody computed it`);
      const one = { set, digest, header, epoch, signatures: known };
      checkQuorum(one);
      attested.push(one);
    },
    checkChains(changed) {
      for (const eid of changed) {
        checkPosted(eid);
        checkPayments(eid);
      }
      if (fixedPrices) checkSolvent();
    },
  };
}

function holdingsOf(positions: Portfolio["positions"], prices: Epoch["instruments"]) {
  return Array.from(positions, ([id, size]) => {
    const instrument = prices.get(id);
    if (instrument === undefined) throw new RangeError(`no price for ${id}`);
    return { size, instrument };
  });
}

function reservedInAll({ accounts: reports }: TransitionResult): bigint {
  let sum = 0n;
  for (const { consumers: each } of reports.values()) {
    for (const { reserved } of each) for (const value of reserved) sum += value;
  }
  return sum;
}
