import { expect, test } from "vitest";
import {
  alice,
  bob,
  btc,
  btcPerp,
  calmPrices,
  day,
  deposit,
  eth,
  ethPerp,
  makeInput,
  makeState,
  marketB,
  marketC,
  nothingKept,
  oneUsd,
  portfolio,
  usdc,
  type World,
  weth,
} from "../../test/world.ts";
import { checkPortfolioChange } from "../consumer-check.ts";
import { accountStatus, type Epoch } from "../epoch.ts";
import { InconsistentState, MissingEarlierEpoch } from "../errors.ts";
import { emptyRoot } from "../merkle.ts";
import type { CutBlock } from "../state.ts";
import { epochsToReckonWith, soundPathRule, speaksTo } from "./path.ts";
import { transition } from "./transition.ts";

const funded = { ...deposit(alice, 10_000n), ...nothingKept };
const long = portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]]);
const short = portfolio(12_000n * oneUsd, [[btcPerp, -oneUsd / 10n]]);
const flat = portfolio(0n, []);

const atB = (epoch: Epoch) => epoch.chains.get(2)?.allotments.get(marketB)?.get(alice);
const atC = (epoch: Epoch) => epoch.chains.get(3)?.allotments.get(marketC)?.get(alice);
const approved = (epoch: Epoch) => epoch.chains.get(1)?.withdrawals.get(`${alice}:${usdc}`)?.approvedTotal;
const run = (number: number, world: World, earlier: readonly Epoch[] = []) =>
  transition(makeInput(number, world, earlier)).epoch;

test("default: collateral that never left its chain is allotted to consumers elsewhere", () => {
  const { epoch, accounts } = transition(makeInput(1, funded));
  // 10,000 USDC, a last digit less for their size, haircut 1 %, buffer 5 %, half each.
  expect([...(atB(epoch)?.losses ?? [])]).toEqual(new Array(7).fill(4_702_49999999n));
  expect(atC(epoch)?.losses).toEqual(atB(epoch)?.losses);
  expect(atB(epoch)?.grossLimit).toBe(47_024_99999990n);
  expect(accounts.get(alice)?.margin.base).toBe(9_899_99999999n);
  expect(epoch.header).toMatchObject({ epoch: 1, riskVersion: 3, issuedAt: day, expiresAt: day + 600 });
  expect([...epoch.chainRoots.keys()]).toEqual([1, 2, 3]);
});

test("behavior: a hedge on another chain takes the margin away", () => {
  const alone = transition(makeInput(1, { ...funded, portfolios: { b: new Map([[alice, long]]) } }));
  const held = { b: new Map([[alice, long]]), c: new Map([[alice, short]]) };
  const hedged = transition(makeInput(1, { ...funded, portfolios: held }));
  expect(alone.accounts.get(alice)?.margin.initialMargin).toBe(2_400n * oneUsd);
  expect(hedged.accounts.get(alice)?.margin.initialMargin).toBe(0n);
});

test("behavior: a hedge cannot be closed first, for it pays for the other leg", () => {
  const held = { b: new Map([[alice, long]]), c: new Map([[alice, short]]) };
  const { instruments, header, ...epoch } = run(1, { ...deposit(alice, 2_200n), portfolios: held });
  const allotment = epoch.chains.get(2)?.allotments.get(marketB)?.get(alice) ?? null;
  const verdict = checkPortfolioChange(long, flat, { epoch: header.epoch, instruments, allotment, scenarios: 7 });
  expect(verdict).toMatchObject({ reason: "allotment-exceeded", scenario: 1 });
});

test("behavior: an overloaded account can reduce, and do nothing else", () => {
  const epoch = run(1, { ...deposit(alice, 2_000n), portfolios: { b: new Map([[alice, long]]) } });
  const against = { epoch: 1, instruments: epoch.instruments, allotment: atB(epoch) ?? null, scenarios: 7 };
  const half = portfolio(-6_000n * oneUsd, [[btcPerp, oneUsd / 20n]]);
  const bigger = portfolio(-13_200n * oneUsd, [[btcPerp, (11n * oneUsd) / 100n]]);
  expect(against.allotment?.status).toBe(accountStatus.reduceOnly);
  expect(against.allotment?.grossLimit).toBe(12_000n * oneUsd);
  expect(checkPortfolioChange(long, half, against).allowed).toBe(true);
  expect(checkPortfolioChange(long, flat, against).allowed).toBe(true);
  expect(checkPortfolioChange(long, bigger, against).allowed).toBe(false);
  expect(checkPortfolioChange(long, { ...long, cash: long.cash - 1n }, against).allowed).toBe(false);
});

test("behavior: capacity moves from one consumer to another in two steps", () => {
  const weights = (b: number, c: number) =>
    new Map([
      [
        alice,
        [
          { eid: 2, consumer: marketB, weight: b },
          { eid: 3, consumer: marketC, weight: c },
        ],
      ],
    ]);
  const first = run(1, { ...funded, weights: weights(1, 0) });
  expect([atB(first)?.losses[0], atC(first)?.losses[0]]).toEqual([9_404_99999999n, 0n]);
  const second = run(2, { ...funded, weights: weights(0, 1), posted: { b: 1, c: 1 } }, [first]);
  // B gives way at once; C grows only by the buffer that was never B's.
  expect([atB(second)?.losses[0], atC(second)?.losses[0]]).toEqual([0n, 495n * oneUsd]);
  const unseen = run(3, { ...funded, weights: weights(0, 1), posted: { b: 1, c: 2 } }, [first, second]);
  expect(atC(unseen)?.losses[0]).toBe(495n * oneUsd);
  const seen = run(4, { ...funded, weights: weights(0, 1), posted: { b: 2, c: 2 } }, [second, unseen]);
  expect(atC(seen)?.losses[0]).toBe(9_404_99999999n);
});

test("behavior: a price tick leaves the leaves of accounts as they are", () => {
  const held = { b: new Map([[alice, long]]) };
  const first = run(1, { ...funded, portfolios: held });
  const ticked = new Map(calmPrices).set(btc, { priceE8: 120_050n * oneUsd, updatedAtSeconds: day });
  const second = run(2, { ...funded, portfolios: held, prices: ticked, posted: { a: 1, b: 1, c: 1 } }, [first]);
  expect(atB(second)).toBe(atB(first));
  expect(atC(second)).toBe(atC(first));
  expect(second.header.root).not.toBe(first.header.root);
});

test("behavior: below maintenance margin an account is liquidatable", () => {
  const held = { b: new Map([[alice, long]]) };
  expect(atB(run(1, { ...deposit(alice, 1_500n), portfolios: held }))?.status).toBe(accountStatus.reduceOnly);
  expect(atB(run(1, { ...deposit(alice, 1_000n), portfolios: held }))?.status).toBe(accountStatus.liquidatable);
});

test("behavior: a withdrawal that would break the account is not approved, one that does not is", () => {
  const held = { b: new Map([[alice, long]]) };
  const breaking = run(1, { ...deposit(alice, 10_000n, 9_000n), portfolios: held });
  expect(approved(breaking)).toBeUndefined();
  const harmless = run(1, { ...deposit(alice, 10_000n, 5_000n), portfolios: held });
  expect(approved(harmless)).toBe(5_000_000_000n);
  // What is approved is gone at once.
  expect((atB(harmless)?.losses[0] ?? 0n) + (atC(harmless)?.losses[0] ?? 0n) <= 4_950n * oneUsd).toBe(true);
});

test("behavior: a withdrawal waits until chains have posted less, and is never taken back", () => {
  const asked = { ...deposit(alice, 10_000n, 9_000n), ...nothingKept };
  const first = run(1, funded);
  const second = run(2, { ...asked, posted: { a: 1, b: 1, c: 1 } }, [first]);
  expect(approved(second)).toBeUndefined();
  expect(atB(second)?.losses[0]).toBe(470_24999999n);
  const third = run(3, { ...asked, posted: { a: 2, b: 2, c: 1 } }, [first, second]);
  expect(approved(third)).toBeUndefined();
  const fourth = run(4, { ...asked, posted: { a: 2, b: 2, c: 2 } }, [second, third]);
  expect(approved(fourth)).toBe(9_000_000_000n);
  const cancelled = run(5, { ...funded, posted: { a: 4, b: 4, c: 4 } }, [fourth]);
  expect(approved(cancelled)).toBe(9_000_000_000n);
  expect(atB(cancelled)?.losses[0]).toBe(470_24999999n);
});

test("behavior: more than was deposited, or not yet reported, is not approved", () => {
  expect(approved(run(1, { ...deposit(alice, 1_000n, 1_001n), ...nothingKept }))).toBeUndefined();
  const unreported = { ...deposit(alice, 1_000n, 500n), ...nothingKept, ledger: new Map() };
  const { epoch, accounts } = transition(makeInput(1, unreported));
  expect([approved(epoch), atB(epoch)]).toEqual([undefined, undefined]);
  expect(accounts.get(alice)?.collateral[0]?.counted).toBe(0n);
});

test("behavior: at an inactive consumer an account may only reduce", () => {
  const epoch = run(1, { ...funded, inactive: marketC });
  expect([atC(epoch)?.status, atC(epoch)?.losses[0]]).toEqual([accountStatus.reduceOnly, 0n]);
  expect([atB(epoch)?.status, atB(epoch)?.losses[0]]).toEqual([accountStatus.active, 9_404_99999999n]);
});

test("behavior: an account too large for 64 bits gets no leaf and harms nobody", () => {
  const huge = portfolio(0n, [[btcPerp, 10n ** 15n * oneUsd]]);
  const { epoch, accounts } = transition(
    makeInput(1, { ...funded, portfolios: { b: new Map([[bob, huge]]), c: new Map([[alice, short]]) } }),
  );
  expect(accounts.get(bob)?.problem).toBe("too-large");
  expect(epoch.chains.get(2)?.allotments.get(marketB)?.has(bob)).toBe(false);
  expect(atC(epoch)?.status).toBe(accountStatus.active);
});

test("behavior: an account that holds what was never priced gets no leaf", () => {
  const prices = new Map(calmPrices);
  prices.delete(eth);
  const held = { b: new Map([[alice, portfolio(0n, [[ethPerp, oneUsd]])]]) };
  const { epoch, accounts } = transition(makeInput(1, { ...funded, prices, portfolios: held }));
  expect(accounts.get(alice)?.problem).toBe("unpriced");
  expect(atB(epoch)).toBeUndefined();
});

test("error: MissingEarlierEpoch, InconsistentState", () => {
  expect(() => run(2, { ...funded, posted: { b: 1 } })).toThrow(MissingEarlierEpoch);
  const state = makeState(funded);
  const chains = new Map(state.chains);
  chains.delete(2);
  expect(() => transition({ ...makeInput(1, funded), state: { ...state, chains } })).toThrow(InconsistentState);
});

test("behavior: a stalled chain is spoken to only so often, and again once it moves", () => {
  const spoken: Epoch[] = [];
  for (let number = 1; number <= soundPathRule.mostEpochsPerBlock; number++) spoken.push(run(number, funded, spoken));
  expect(spoken.every((epoch) => speaksTo(epoch, 2) && speaksTo(epoch, 3))).toBe(true);

  const input = makeInput(100, funded, spoken);
  const moved = (eid: number, block: CutBlock) => (eid === 3 ? { ...block, number: block.number + 1 } : block);
  const state = {
    ...input.state,
    cut: input.state.cut.map((block) => moved(block.eid, block)),
    chains: new Map([...input.state.chains].map(([eid, chain]) => [eid, { ...chain, block: moved(eid, chain.block) }])),
  };
  const { epoch, accounts } = transition({ ...input, state });
  expect([2, 3].map((eid) => speaksTo(epoch, eid))).toEqual([false, true]);
  expect(accounts.get(alice)?.consumers.map(({ allotment }) => allotment !== null)).toEqual([false, true]);
  expect(epoch.chainRoots.get(2)).toBe(emptyRoot);
  // The silent one is not reckoned with; the others are.
  const chain = state.chains.get(2);
  expect(chain && epochsToReckonWith(chain, [...spoken, epoch])).toEqual(spoken);
});

test("behavior: a hub that stands still does not keep prices fresh", () => {
  const input = makeInput(1, funded);
  const late = transition({ ...input, issuedAt: input.issuedAt + 1_000_000 }).epoch;
  expect(late.instruments.size).toBe(0);
  expect(atB(late)).toBeUndefined();
});

test("behavior: collateral with a stale price counts nothing, and liquidates nobody", () => {
  const staleEther = new Map(calmPrices).set(eth, { priceE8: 4_300n * oneUsd, updatedAtSeconds: day - 3601 });
  const withEther = (dollars: bigint, ether: bigint): World => {
    const both = deposit(alice, dollars);
    const held = { deposited: ether * 10n ** 18n, withdrawn: 0n };
    both.vaultTotals.set(`${alice}:${weth}`, { ...held, requestedTotal: 0n });
    both.ledger.set(`${alice}:${weth}`, held);
    return { ...both, prices: staleEther, portfolios: { b: new Map([[alice, long]]) } };
  };
  const statusWith = (dollars: bigint, ether: bigint) =>
    transition(makeInput(1, withEther(dollars, ether))).accounts.get(alice)?.status;
  // Anybody may send somebody dust of anything: it must not get in the way.
  expect(statusWith(10_000n, 1n)).toBe(accountStatus.active);
  expect(statusWith(1_000n, 0n)).toBe(accountStatus.liquidatable);
  expect(statusWith(1_000n, 1n)).toBe(accountStatus.reduceOnly);
});
