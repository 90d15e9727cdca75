import { buildChainTree, buildRootTree } from "@plimsoll/protocol/chain-tree";
import {
  type Allotment,
  type Epoch,
  type InstrumentPrices,
  instrumentStatus,
  type Withdrawable,
} from "@plimsoll/protocol/epoch";
import type { AccountAssetKey, AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import type { Portfolio } from "@plimsoll/protocol/state";
import { oneE8 } from "@plimsoll/risk/fixed-point";
import { grossNotional, portfolioLosses } from "@plimsoll/risk/portfolio";
import type { Address, Hex } from "viem";
import type { Random } from "./random.ts";

export interface Order {
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly size: bigint;
  readonly limitPrice: bigint;
  readonly expiry: bigint;
  readonly series: bigint;
  readonly salt: bigint;
}

/** One account, one change of its portfolio, and the epoch that it is checked against. */
export interface Case {
  readonly eid: Eid;
  readonly salt: Hex;
  readonly account: AccountId;
  readonly asset: Address;
  readonly order: Order;
  readonly epoch: Epoch;
  /** Another epoch, in which one scenario and an unlimited allotment let the account take any portfolio. */
  readonly opening: Epoch;
  readonly before: Portfolio;
  readonly after: Portfolio;
  readonly changed: InstrumentId;
  readonly scenarios: number;
  readonly hasLeaf: boolean;
  readonly expired: boolean;
}

const mostSize = 1n << 94n;
const mostInt64 = (1n << 63n) - 1n;
const mostPositions = 16;

function clampInt64(value: bigint): bigint {
  return value > mostInt64 ? mostInt64 : value < -mostInt64 - 1n ? -mostInt64 - 1n : value;
}

/** Ascending and distinct, of a few bytes at the left like names, or of any 32 bytes. */
function instrumentIds(random: Random, count: number): InstrumentId[] {
  const ids = new Set<InstrumentId>();
  while (ids.size < count) ids.add(random.onceIn(4) ? random.hex(32) : `${random.hex(4)}${"00".repeat(28)}`);
  return [...ids].sort();
}

function randomPrices(random: Random, scenarios: number, bits: number): InstrumentPrices {
  const base = random.signed(bits);
  return {
    status: random.onceIn(6)
      ? random.pick([instrumentStatus.reduceOnly, instrumentStatus.settled])
      : instrumentStatus.active,
    mark: random.bits(bits),
    notional: random.bits(random.integer(1, bits)),
    charge: random.onceIn(3) ? 0n : random.bits(random.integer(1, bits > 60 ? 64 : 30)),
    settlement: random.onceIn(4) ? random.bits(64) : 0n,
    funding: random.signed(random.onceIn(8) ? 63 : 40),
    stressBps: Number(random.bits(32)),
    // Mostly around one price, as risk arrays are; now and then all over the range.
    prices: BigInt64Array.from({ length: scenarios }, () =>
      clampInt64(bits > 60 && random.onceIn(2) ? random.signed(63) : base + random.signed(Math.min(bits, 40))),
    ),
  };
}

/** A closing, cash alone, a fill near a scenario's price, or anything. */
function randomChange(random: Random, held: bigint, price: bigint, sizeBits: number): { size: bigint; cash: bigint } {
  const kind = random.integer(0, 5);
  const size = kind === 0 ? -held : kind === 1 ? 0n : random.signed(sizeBits);
  const cash = kind === 2 ? random.signed(50) : -(size * price) / oneE8 + random.signed(2);
  // What does not fit the book is refused for that; the check is what is compared here.
  return cash > mostSize || cash < -mostSize ? { size: 0n, cash: random.signed(50) } : { size, cash };
}

function holdingsOf(portfolio: Portfolio, instruments: ReadonlyMap<InstrumentId, InstrumentPrices>) {
  return Array.from(portfolio.positions, ([id, size]) => ({
    size,
    instrument: instruments.get(id) as InstrumentPrices,
  }));
}

/** Allotments at the loss after the change or before it, give or take a digit, or with room: where a wrong check shows. */
function randomAllotment(random: Random, before: bigint[], after: bigint[], gross: bigint): Allotment {
  const generous = random.onceIn(2);
  const losses = BigInt64Array.from(after, (loss, scenario) => {
    const kind = random.integer(0, 20);
    if (kind === 0) return clampInt64(before[scenario] ?? 0n);
    if (kind === 1) return random.signed(63);
    if (generous) return clampInt64(loss + random.bits(kind === 2 ? 40 : 1));
    return clampInt64(loss + BigInt(random.integer(-1, 1)));
  });
  const limit = random.onceIn(3) ? random.bits(random.integer(0, 127)) : gross + BigInt(random.integer(-1, 1));
  const grossLimit = limit < 0n ? 0n : BigInt.asUintN(128, limit);
  return { status: random.pick([0, 1, 2, 3] as const), grossLimit, losses };
}

function randomAllotments(random: Random, scenarios: number, count: number): [AccountId, Allotment][] {
  return Array.from({ length: count }, () => [
    random.hex(32),
    {
      status: random.pick([0, 1, 2, 3] as const),
      grossLimit: random.bits(128),
      losses: BigInt64Array.from({ length: scenarios }, () => random.signed(63)),
    },
  ]);
}

function randomQueue(random: Random): AccountId[] {
  return Array.from({ length: random.integer(0, 5) }, () => random.hex(32));
}

function epochOf(
  random: Random,
  eid: Eid,
  consumer: Address,
  vault: Address,
  withdrawals: readonly [AccountAssetKey, Withdrawable][],
  instruments: ReadonlyMap<InstrumentId, InstrumentPrices>,
  accounts: readonly [AccountId, Allotment][],
): Epoch {
  const allotments = new Map([[consumer, new Map(accounts)]]);
  if (random.onceIn(3)) allotments.set(random.hex(20), new Map(randomAllotments(random, 1, random.integer(0, 3))));
  const queues = new Map(accounts.slice(1).map(([account]) => [account, randomQueue(random)] as const));
  const leaves = {
    ...{ eid, vault, allotments, withdrawals: new Map(withdrawals) },
    deleverageQueues: queues.size > 0 ? new Map([[consumer, queues]]) : new Map(),
  };
  const chainRoots = new Map([[eid, buildChainTree(leaves, instruments).root]]);
  for (let other = random.integer(0, 5); other > 0; other--) chainRoots.set(Number(random.bits(32)), random.hex(32));
  const root = buildRootTree(chainRoots).root;
  return {
    header: {
      epoch: Number(random.bits(48)) + 1,
      operatorSetId: Number(random.bits(32)),
      root,
      cutHash: random.hex(32),
      riskVersion: Number(random.bits(32)),
      issuedAt: Number(random.bits(48)),
      expiresAt: Number(random.bits(48)),
    },
    cut: [],
    instruments,
    chains: new Map([[eid, leaves]]),
    chainRoots,
  };
}

/** A case at `consumer`, all of it drawn from `random`. One in eight has figures as large as their types hold. */
export function randomCase(random: Random, consumer: Address): Case {
  const extreme = random.onceIn(8);
  const [sizeBits, priceBits] = extreme ? [94, 63] : [36, 44];
  const scenarios = random.integer(1, 40);
  const ids = instrumentIds(random, random.onceIn(10) ? mostPositions + 1 : random.integer(1, 6));
  const instruments = new Map(ids.map((id) => [id, randomPrices(random, scenarios, priceBits)]));

  const changed = random.pick(ids);
  const positions = new Map<InstrumentId, bigint>();
  for (const id of ids) {
    const size = random.signed(sizeBits);
    if (size !== 0n && positions.size < mostPositions - (id === changed ? 0 : 1)) positions.set(id, size);
  }
  if (random.onceIn(3)) positions.delete(changed);
  const before: Portfolio = { cash: random.signed(extreme ? 62 : 48), positions };

  const held = positions.get(changed) ?? 0n;
  const price = random.pick([...(instruments.get(changed) as InstrumentPrices).prices]);
  const change = randomChange(random, held, price, sizeBits);
  const after: Portfolio = { cash: before.cash + change.cash, positions: new Map(positions) };
  const size = held + change.size;
  if (size === 0n) (after.positions as Map<InstrumentId, bigint>).delete(changed);
  else (after.positions as Map<InstrumentId, bigint>).set(changed, size);

  const account = random.hex(32);
  const holdingsAfter = holdingsOf(after, instruments);
  const allotment = randomAllotment(
    random,
    portfolioLosses(before.cash, holdingsOf(before, instruments), scenarios),
    portfolioLosses(after.cash, holdingsAfter, scenarios),
    grossNotional(holdingsAfter),
  );
  const unlimited = { status: 0, grossLimit: 0n, losses: BigInt64Array.of(mostInt64) } as const;
  const free: InstrumentPrices = {
    status: instrumentStatus.active,
    mark: 0n,
    notional: 0n,
    charge: 0n,
    settlement: 0n,
    funding: 0n,
    stressBps: 10_000,
    prices: BigInt64Array.of(0n),
  };

  const eid = Number(random.bits(32));
  const vault = random.hex(20);
  const asset = random.hex(20);
  const withdrawable = () => ({ approvedTotal: random.bits(128), exitTotal: random.bits(128) });
  const withdrawals: [AccountAssetKey, Withdrawable][] = [[`${account}:${asset}`, withdrawable()]];
  for (let more = random.integer(0, 4); more > 0; more--) {
    withdrawals.push([`${random.hex(32)}:${random.hex(20)}`, withdrawable()]);
  }
  const others = randomAllotments(random, scenarios, random.integer(0, 5));
  return {
    eid,
    salt: random.hex(32),
    account,
    asset,
    order: {
      account,
      instrument: changed,
      size: random.signed(127),
      limitPrice: random.bits(64),
      expiry: random.bits(64),
      series: random.bits(64),
      salt: random.bits(64),
    },
    epoch: epochOf(random, eid, consumer, vault, withdrawals, instruments, [[account, allotment], ...others]),
    opening: epochOf(random, eid, consumer, vault, [], new Map(ids.map((id) => [id, free])), [[account, unlimited]]),
    before,
    after,
    changed,
    scenarios,
    hasLeaf: !random.onceIn(10),
    expired: random.onceIn(10),
  };
}
