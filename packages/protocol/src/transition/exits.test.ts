import type { Hex } from "viem";
import { expect, test } from "vitest";
import {
  alice,
  btcPerp,
  deposit,
  makeInput,
  makeState,
  marketB,
  nothingKept,
  oneUsd,
  portfolio,
  usdc,
  type World,
} from "../../test/world.ts";
import { accountStatus, type Epoch } from "../epoch.ts";
import { MissingEarlierEpoch } from "../errors.ts";
import type { ConsumerWeight } from "../state.ts";
import { postedWithdrawals } from "./capacity.ts";
import { soundPathRule } from "./path.ts";
import { transition } from "./transition.ts";

const home: ConsumerWeight = { eid: 0, consumer: `0x${"00".repeat(20)}`, weight: 1 };
const away: ConsumerWeight = { eid: 2, consumer: marketB, weight: 3 };
const chosen = (...weights: ConsumerWeight[]) => ({ weights: new Map([[alice, weights]]) });
const funded: World = deposit(alice, 10_000n);
const working: World = { ...funded, ...nothingKept };
const long = portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]]);

const run = (number: number, world: World, earlier: readonly Epoch[] = []) =>
  transition(makeInput(number, world, earlier)).epoch;
const leaf = (epoch: Epoch) => epoch.chains.get(1)?.withdrawals.get(`${alice}:${usdc}`);
/** What may leave without operators, in dollars. */
const exit = (epoch: Epoch) => (leaf(epoch)?.exitTotal ?? 0n) / 1_000_000n;
const allotted = (epoch: Epoch) =>
  [2, 3].reduce((total, eid) => {
    const [allotments] = [...(epoch.chains.get(eid)?.allotments.values() ?? [])];
    return total + (allotments?.get(alice)?.losses[0] ?? 0n);
  }, 0n) / oneUsd;

test("default: what is kept at home can leave without operators, and is allotted to nobody", () => {
  const epoch = run(1, { ...funded, ...chosen(home) });
  expect(leaf(epoch)).toEqual({ approvedTotal: 0n, exitTotal: 10_000_000_000n });
  expect(allotted(epoch)).toBe(0n);
});

test("default: half of it where nothing is said, or no longer", () => {
  for (const weights of [{}, chosen()]) {
    const epoch = run(1, { ...funded, ...weights });
    expect(leaf(epoch)).toEqual({ approvedTotal: 0n, exitTotal: 5_000_000_000n });
    // Of the rest, less haircut and buffer.
    expect(allotted(epoch)).toBe(4_702n);
  }
});

test("behavior: part of it, as weights say; none where only consumers are named, or the vaults with nothing", () => {
  const part = run(1, { ...funded, ...chosen(home, away) });
  expect([exit(part), allotted(part)]).toEqual([2_500n, 7_053n]);
  for (const weights of [chosen(away), nothingKept, chosen(away, { ...home, weight: 0 })]) {
    const epoch = run(1, { ...funded, ...weights });
    expect(leaf(epoch)).toBeUndefined();
    expect(allotted(epoch)).toBe(9_404n);
  }
});

test("behavior: all of it where there is nowhere to trade, or nowhere that is named", () => {
  const closed = { ...funded, inactive: marketB };
  expect([exit(run(1, { ...closed, ...chosen(away) })), exit(run(1, { ...closed, ...chosen(home, away) }))]).toEqual([
    10_000n,
    10_000n,
  ]);
  expect(exit(run(1, closed))).toBe(5_000n);
  expect(exit(run(1, { ...funded, risk: { consumers: new Map() } }))).toBe(10_000n);
});

test("behavior: kept for exit from the epoch after the one that no chain can act on any more", () => {
  const first = run(1, working);
  const parked = { ...funded, ...chosen(home) };
  const second = run(2, { ...parked, posted: { a: 1, b: 1, c: 1 } }, [first]);
  // Markets give way first.
  expect([exit(second), allotted(second)]).toEqual([0n, 0n]);
  const third = run(3, { ...parked, posted: { a: 2, b: 2, c: 1 } }, [first, second]);
  expect(exit(third)).toBe(0n);
  const fourth = run(4, { ...parked, posted: { a: 2, b: 2, c: 2 } }, [second, third]);
  expect(exit(fourth)).toBe(10_000n);
});

test("behavior: allotted again only once the vault's chain has taken the lower exit total", () => {
  const parked = run(1, { ...funded, ...chosen(home) });
  const second = run(2, { ...working, posted: { a: 1, b: 1, c: 1 } }, [parked]);
  expect([exit(second), allotted(second)]).toEqual([0n, 0n]);
  const third = run(3, { ...working, posted: { a: 1, b: 2, c: 2 } }, [parked, second]);
  expect(allotted(third)).toBe(0n);
  const fourth = run(4, { ...working, posted: { a: 2, b: 2, c: 2 } }, [second, third]);
  expect(allotted(fourth)).toBe(9_404n);
});

test("behavior: an exit that happened is gone, and nothing more of the rest", () => {
  const parked = run(1, { ...funded, ...chosen(home) });
  const second = run(2, { ...working, posted: { a: 1, b: 1, c: 1 } }, [parked]);
  const left = { ...deposit(alice, 10_000n, 0n, 4_000_000_000n), ...nothingKept };
  expect(allotted(run(3, { ...left, posted: { a: 2, b: 2, c: 2 } }, [second]))).toBe(5_642n);
});

test("behavior: who holds a position keeps nothing for exit, and its free capacity is shared out as if nothing was said", () => {
  const held = { b: new Map([[alice, long]]) };
  const said = run(1, { ...funded, ...chosen(home), portfolios: held });
  const unsaid = run(1, { ...funded, portfolios: held });
  expect(leaf(said)).toBeUndefined();
  expect(said.header.root).toBe(unsaid.header.root);
  expect(said.chains.get(2)?.allotments.get(marketB)?.get(alice)?.status).toBe(accountStatus.active);
});

test("behavior: nor does who owes cash", () => {
  const owing = { b: new Map([[alice, portfolio(-1n, [])]]) };
  expect(leaf(run(1, { ...funded, ...chosen(home), portfolios: owing }))).toBeUndefined();
});

test("behavior: once a position is held, all of the capacity is there as soon as the vault's chain has posted that", () => {
  const first = run(1, funded);
  const trading = { ...funded, portfolios: { b: new Map([[alice, long]]) } };
  const second = run(2, { ...trading, posted: { a: 1, b: 1, c: 1 } }, [first]);
  const unsaid = run(3, { ...trading, posted: { a: 2, b: 2, c: 2 } }, [second]);
  expect(leaf(second)).toBeUndefined();
  expect(allotted(second)).toBeLessThan(5_000n);
  expect(unsaid.header.root).toBe(
    run(3, { ...trading, ...nothingKept, posted: { a: 2, b: 2, c: 2 } }, [second]).header.root,
  );
  expect(allotted(unsaid)).toBe(9_405n);
});

test("behavior: what was approved can be taken in any case", () => {
  const asked = deposit(alice, 10_000n, 4_000n);
  expect(leaf(run(1, { ...asked, ...nothingKept }))).toEqual({
    approvedTotal: 4_000_000_000n,
    exitTotal: 4_000_000_000n,
  });
  // And half of what is left.
  expect(leaf(run(1, asked))).toEqual({ approvedTotal: 4_000_000_000n, exitTotal: 7_000_000_000n });
});

test("behavior: a leaf that says the same stays the same object", () => {
  const parked = { ...funded, ...chosen(home) };
  const first = run(1, parked);
  const second = run(2, { ...parked, posted: { a: 1, b: 1, c: 1 } }, [first]);
  expect(leaf(second)).toBe(leaf(first));
});

test("behavior: of two epochs that compete for the posted number, only what the one that was posted let go is repeated", () => {
  const key = `${alice}:${usdc}` as const;
  const rival = (root: Hex, approvedTotal: bigint, exitTotal: bigint): Epoch => {
    const { epoch } = transition(makeInput(1, { ...deposit(alice, 1_000n) }));
    const chain = epoch.chains.get(1) ?? expect.unreachable();
    const withdrawals = new Map([[key, { approvedTotal, exitTotal }]]);
    const header = { ...epoch.header, root };
    return { ...epoch, header, chains: new Map(epoch.chains).set(1, { ...chain, withdrawals }) };
  };
  const [posted, other] = [rival(`0x${"1".repeat(64)}`, 100n, 700n), rival(`0x${"2".repeat(64)}`, 300n, 500n)];
  const chain = makeState({ posted: { a: 1 } }, [posted]).chains.get(1) ?? expect.unreachable();
  for (const earlier of [
    [posted, other],
    [other, posted],
  ]) {
    expect(postedWithdrawals(chain, earlier).get(key)).toEqual({ approvedTotal: 100n, exitTotal: 700n });
    expect(soundPathRule.epochs(chain, earlier)).toEqual([posted]);
  }
  expect(() => soundPathRule.epochs(chain, [other])).toThrow(MissingEarlierEpoch);
});
