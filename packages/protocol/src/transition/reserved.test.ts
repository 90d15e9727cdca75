import { expect, test } from "vitest";
import { btcPerp, ethPerp, oneUsd, portfolio } from "../../test/world.ts";
import { checkPortfolioChange } from "../consumer-check.ts";
import { type Allotment, accountStatus, type Epoch, type InstrumentPrices } from "../epoch.ts";
import type { Portfolio } from "../state.ts";
import { writeLosses } from "./holdings.ts";
import { makePath, soundPathRule } from "./path.ts";
import { makeReservedScratch, writeReserved } from "./reserved.ts";

const flat = portfolio(0n, []);
const dollars = (...amounts: number[]) => BigInt64Array.from(amounts, (amount) => BigInt(amount) * oneUsd);

/** A perpetual at a price: without shock, up 1 %, down 20 %, up 20 %. */
function perpetual(price: number): InstrumentPrices {
  const mark = BigInt(price) * oneUsd;
  const prices = BigInt64Array.from([100n, 101n, 80n, 120n], (percent) => (mark * percent) / 100n);
  return { status: 0, mark, notional: mark, charge: 0n, settlement: 0n, funding: 0n, stressBps: 10_000, prices };
}

/** Any root but the empty one: the epoch has leaves for the chain. */
const spoken = `0x${"01".repeat(32)}` as const;

function epochAt(number: number, instruments: Epoch["instruments"]): Epoch {
  const hash = `0x${"00".repeat(32)}` as const;
  const header = {
    epoch: number,
    operatorSetId: 1,
    root: hash,
    cutHash: hash,
    riskVersion: 1,
    issuedAt: 0,
    expiresAt: 100,
  };
  return { header, cut: [], instruments, chains: new Map(), chainRoots: new Map([[2, spoken]]) };
}

function reserve(
  held: Portfolio,
  epochs: readonly Epoch[],
  allotments: readonly (Allotment | undefined)[],
  today: Epoch["instruments"],
): BigInt64Array {
  const block = { eid: 2, number: 1, hash: `0x${"00".repeat(32)}` as const, timestampSeconds: 10 };
  const chain = {
    block,
    postedEpoch: 1,
    postedRoot: epochs[0]?.header.root ?? null,
    vaultTotals: new Map(),
    portfolios: new Map(),
  };
  const path = makePath(chain, epochs, today, 4, soundPathRule);
  const scratch = makeReservedScratch(4);
  const [loss, reserved] = [new BigInt64Array(4), new BigInt64Array(4)];
  writeLosses(held, path.today, scratch.sum, loss);
  writeReserved(path, held, allotments, loss, scratch, reserved);
  return reserved;
}

const active = (grossLimit: number, losses: BigInt64Array): Allotment => ({
  status: accountStatus.active,
  grossLimit: BigInt(grossLimit) * oneUsd,
  losses,
});

test("default: at one price, the most that any epoch allots", () => {
  const book = new Map([[btcPerp, perpetual(100)]]);
  const allotments = [active(1000, dollars(5, 5, 90, 5)), active(1000, dollars(7, 2, 40, 5))];
  expect(reserve(flat, [epochAt(1, book), epochAt(2, book)], allotments, book)).toEqual(dollars(7, 5, 90, 5));
});

test("behavior: a price that goes and comes back leaves losses that no single epoch shows", () => {
  const calm = new Map([[btcPerp, perpetual(100)]]);
  const high = new Map([[btcPerp, perpetual(110)]]);
  const first = active(1000, dollars(0, 10, 0, 200));
  const second = active(0, dollars(0, 0, 100, 0));
  // Short ten at 100 under the first epoch; bought back at 110 under the second. Both are allowed.
  const short = portfolio(1000n * oneUsd, [[btcPerp, -10n * oneUsd]]);
  const closed = portfolio(-100n * oneUsd, []);
  const against = (epoch: number, instruments: Epoch["instruments"], allotment: Allotment) =>
    ({ epoch, instruments, allotment, scenarios: 4 }) as const;
  expect(checkPortfolioChange(flat, short, against(1, calm, first)).allowed).toBe(true);
  expect(checkPortfolioChange(short, closed, against(2, high, second)).allowed).toBe(true);

  // Back at 100 the first epoch has not drifted at all, and the second allotted nothing and let nothing be held.
  const losses = [100n, 100n, 100n, 100n].map((loss) => loss * oneUsd);
  const reserved = reserve(flat, [epochAt(1, calm), epochAt(2, high)], [first, second], calm);
  for (const [s, loss] of losses.entries()) expect((reserved[s] ?? 0n) >= loss).toBe(true);
});

test("behavior: while an instrument held has no leaf, nothing can have changed", () => {
  const btcOnly = new Map([[btcPerp, perpetual(100)]]);
  const both = new Map([...btcOnly, [ethPerp, perpetual(10)] as const]);
  const held = portfolio(0n, [[ethPerp, oneUsd]]);
  const generous = active(1000, dollars(500, 500, 500, 500));
  const frozen = reserve(held, [epochAt(1, btcOnly)], [generous], both);
  expect([...frozen].map((value) => -value)).toEqual([...perpetual(10).prices]);
  expect(reserve(held, [epochAt(1, btcOnly), epochAt(2, both)], [undefined, generous], both)).toEqual(
    dollars(500, 500, 500, 500),
  );
});

test("behavior: without a leaf an account can only have reduced", () => {
  const book = new Map([[btcPerp, perpetual(100)]]);
  const long = portfolio(-100n * oneUsd, [[btcPerp, oneUsd]]);
  expect(reserve(long, [epochAt(1, book)], [undefined], book)).toEqual(dollars(0, -1, 20, -20));
});
