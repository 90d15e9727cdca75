import { expect, test } from "vitest";
import type { Epoch, TransitionInput } from "../src/epoch.ts";
import { computeEpoch } from "../src/transition/compute-epoch.ts";
import { soundPathRule } from "../src/transition/path.ts";
import { transition } from "../src/transition/transition.ts";
import { judgeAllotments } from "./over-allotment.ts";
import {
  alice,
  btc,
  btcPerp,
  calmPrices,
  day,
  deposit,
  makeInput,
  marketB,
  marketC,
  oneUsd,
  portfolio,
} from "./world.ts";

// That no honest epoch can be proven, the simulation checks. Here is why two kinds of proof are refused, by example.

const tenThousand = deposit(alice, 10_000n);

function judge(epoch: Epoch, { state }: TransitionInput) {
  const [judged] = judgeAllotments(epoch, state);
  if (judged === undefined) throw new TypeError("the account has no leaf");
  return judged;
}

test("default: all that is allotted is at most what was deposited, and one unit more could be proven", () => {
  const input = makeInput(1, tenThousand);
  const { epoch } = transition(input);
  const honest = judge(epoch, input);
  expect(honest).toMatchObject({ worth: 10_000n * oneUsd, refusal: null });
  expect(honest.allotted).toBeLessThanOrEqual(honest.worth);

  const leaf = epoch.chains.get(2)?.allotments.get(marketB)?.get(alice);
  if (leaf === undefined) throw new TypeError("the account has no leaf");
  leaf.losses[0] = (leaf.losses[0] ?? 0n) + honest.worth - honest.allotted + 1n;
  const inflated = judge(epoch, input);
  expect(inflated.refusal).toBeNull();
  expect(inflated.allotted).toBe(inflated.worth + 1n);
});

test("behavior: a gain on a chain without leaves backs honest losses beyond the deposit elsewhere", () => {
  const hedged = {
    ...tenThousand,
    portfolios: {
      b: new Map([[alice, portfolio(-40_000n * oneUsd, [])]]),
      c: new Map([[alice, portfolio(40_000n * oneUsd, [])]]),
    },
  };
  const first = makeInput(1, hedged);
  const { epoch } = transition(first);
  expect(judge(epoch, first).refusal).toBeNull();

  // Chain 2 goes on, chain 3 stands still and has been spoken to often enough.
  const { state } = makeInput(2, hedged, [epoch]);
  const moved = (block: (typeof state.cut)[number]) =>
    block.eid === 2 ? { ...block, number: block.number + 1 } : block;
  const chains = new Map(
    [...state.chains].map(([eid, chain]) => [eid, { ...chain, block: moved(chain.block) }] as const),
  );
  const input = { ...makeInput(2, hedged, [epoch]), state: { ...state, cut: state.cut.map(moved), chains } };
  const judged = judge(computeEpoch(input, { ...soundPathRule, mostEpochsPerBlock: 1 }).epoch, input);
  expect(judged.refusal).toBe("missing-allotment");
  expect(judged.allotted).toBeGreaterThan(judged.worth);
});

test("behavior: who holds something at a price in doubt is allotted what it has lost, be it more than it has", () => {
  const prices = new Map(calmPrices).set(btc, { priceE8: 120_000n * oneUsd, updatedAtSeconds: day - 5_000 });
  const short = portfolio(100_000n * oneUsd, [[btcPerp, -oneUsd]]);
  const input = makeInput(1, { ...tenThousand, prices, portfolios: { b: new Map([[alice, short]]) } });
  const { epoch } = transition(input);
  expect(epoch.chains.get(3)?.allotments.get(marketC)?.has(alice)).toBe(true);
  const judged = judge(epoch, input);
  expect(judged.refusal).toBe("only-reduce-only");
  expect(judged.allotted).toBeGreaterThan(judged.worth);
});
