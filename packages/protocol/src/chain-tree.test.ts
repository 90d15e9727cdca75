import { expect, test } from "vitest";
import { alice, bob, btcPerp, deposit, ethPerp, makeInput, marketB, oneUsd, portfolio, usdc } from "../test/world.ts";
import { buildChainTree } from "./chain-tree.ts";
import { hashAccountLeaf, hashInstrumentLeaf } from "./leaves.ts";
import { emptyRoot, rootOf, treeOf } from "./merkle.ts";
import { transition } from "./transition/transition.ts";

const held = portfolio(0n, [[btcPerp, oneUsd / 100n]]);
const world = {
  ...deposit(alice, 9_000n),
  portfolios: {
    b: new Map([
      [bob, held],
      [alice, held],
    ]),
  },
};
const { epoch } = transition(makeInput(1, world));

test("default: instruments by id, then accounts by consumer and id", () => {
  const leaves = epoch.chains.get(2);
  if (leaves === undefined) throw new RangeError("chain 2 has leaves");
  const hashes = [btcPerp, ethPerp].map((instrument) => {
    const prices = epoch.instruments.get(instrument);
    if (prices === undefined) throw new RangeError("both are priced");
    return hashInstrumentLeaf({ instrument, ...prices });
  });
  for (const account of [alice, bob].sort()) {
    const allotment = leaves.allotments.get(marketB)?.get(account);
    if (allotment === undefined) throw new RangeError("both have a leaf");
    const { status, grossLimit, losses } = allotment;
    hashes.push(hashAccountLeaf({ account, consumer: marketB, status, grossLimit, allotment: losses }));
  }
  expect(epoch.chainRoots.get(2)).toBe(rootOf(treeOf(hashes)));
});

test("behavior: a chain without leaves has the zero root", () => {
  expect(epoch.chainRoots.get(1)).toBe(emptyRoot);
});

test("behavior: what is remembered of an earlier tree changes nothing", () => {
  const leaves = epoch.chains.get(2);
  if (leaves === undefined) throw new RangeError("chain 2 has leaves");
  const whole = buildChainTree(leaves, epoch.instruments);
  const allotments = new Map(leaves.allotments.get(marketB));
  allotments.delete(bob);
  const fewer = { ...leaves, allotments: new Map([[marketB, allotments]]) };
  expect(buildChainTree(fewer, epoch.instruments, whole)).toEqual(buildChainTree(fewer, epoch.instruments));
  const more = {
    ...leaves,
    withdrawals: new Map([[`${alice}:${usdc}` as const, { approvedTotal: 1n, exitTotal: 1n }]]),
    vault: usdc,
  };
  expect(buildChainTree(more, epoch.instruments, whole)).toEqual(buildChainTree(more, epoch.instruments));
  expect(buildChainTree(leaves, epoch.instruments, whole)).toEqual(whole);
  const queued = { ...leaves, deleverageQueues: new Map([[marketB, new Map([[bob, [alice]]])]]) };
  expect(buildChainTree(queued, epoch.instruments, whole)).toEqual(buildChainTree(queued, epoch.instruments));
});
