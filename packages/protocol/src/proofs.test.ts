import { concatHex } from "viem";
import { expect, test } from "vitest";
import {
  alice,
  bob,
  btcPerp,
  deposit,
  ethPerp,
  makeInput,
  marketB,
  marketC,
  oneUsd,
  portfolio,
  usdc,
  vault,
} from "../test/world.ts";
import { makeTreeCache } from "./chain-tree.ts";
import { NoSuchLeaf, UnknownChain } from "./errors.ts";
import {
  hashAccountLeaf,
  hashChainRoot,
  hashDeleverageLeaf,
  hashInstrumentLeaf,
  hashWithdrawalLeaf,
} from "./leaves.ts";
import { verifyProof } from "./merkle.ts";
import { verifyMultiProof } from "./multi-proof.ts";
import {
  type ProvableEpoch,
  provable,
  proveChain,
  proveDeleverage,
  proveInstrument,
  proveMargin,
  proveWithdrawal,
} from "./proofs.ts";
import { attestationToWire, marginProofToWire, withdrawalProofToWire } from "./to-wire.ts";
import { transition } from "./transition/transition.ts";

const held = portfolio(0n, [[ethPerp, oneUsd]]);
const { epoch } = transition(
  makeInput(4, {
    ...deposit(alice, 10_000n, 300n, 0n),
    portfolios: {
      b: new Map([
        [alice, held],
        [bob, held],
      ]),
    },
  }),
);
const from = provable(epoch);
const rootOfChain = (eid: number) => proveChain(from, eid).chainRoot;

test("default: leaf, sub-root and signed root hang together", () => {
  const { chainRoot, chainPath } = proveChain(from, 2);
  expect(verifyProof(epoch.header.root, hashChainRoot(2, chainRoot), chainPath)).toBe(true);
  const margin = proveMargin(from, 2, marketB, { accounts: [bob, alice, bob], instruments: [ethPerp, btcPerp] });
  expect(margin.instruments.map(({ instrument }) => instrument)).toEqual([btcPerp, ethPerp].sort());
  expect(margin.accounts.map(({ account }) => account)).toEqual([alice, bob].sort());
  const leaves = [...margin.instruments.map(hashInstrumentLeaf), ...margin.accounts.map(hashAccountLeaf)];
  expect(verifyMultiProof(chainRoot, leaves, margin)).toBe(true);
  const instrument = proveInstrument(from, 2, ethPerp);
  expect(instrument.leaf).toEqual(margin.instruments.find((leaf) => leaf.instrument === ethPerp));
  expect(verifyProof(chainRoot, hashInstrumentLeaf(instrument.leaf), instrument.proof)).toBe(true);
  expect(() => proveInstrument(from, 2, `0x${"ee".repeat(32)}`)).toThrow(NoSuchLeaf);
  const withdrawal = proveWithdrawal(from, 1, alice, usdc);
  expect(withdrawal.leaf).toEqual({
    account: alice,
    vault,
    asset: usdc,
    approvedTotal: 300_000_000n,
    exitTotal: 300_000_000n,
  });
  expect(verifyProof(rootOfChain(1), hashWithdrawalLeaf(withdrawal.leaf), withdrawal.proof)).toBe(true);
});

test("behavior: with trees that are there already the proofs are the same", () => {
  const cache = makeTreeCache();
  const { epoch: computed } = transition(makeInput(4, deposit(alice, 10_000n)), cache);
  const prove = (ready: ProvableEpoch) => [
    proveMargin(ready, 2, marketB, { accounts: [alice], instruments: [btcPerp] }),
    proveWithdrawal(ready, 1, alice, usdc),
  ];
  const taken = provable(computed, cache);
  expect([...taken.chainTrees.keys()]).toEqual([1, 2, 3]);
  expect(prove(taken)).toEqual(prove(provable(computed)));
  // The trees of another epoch only save hashing.
  const { epoch: richer } = transition(makeInput(5, deposit(alice, 20_000n)));
  const other = provable(richer, cache);
  expect(other.chainTrees.get(1)).toBeUndefined();
  expect(prove(other)).toEqual(prove(provable(richer)));
  expect(prove(other)).not.toEqual(prove(taken));
});

test("default: the queue of an insolvent account is among the last leaves of its chain", () => {
  const long = portfolio(-6_000n * oneUsd, [[ethPerp, oneUsd]]);
  const short = portfolio(4_300n * oneUsd, [[ethPerp, -oneUsd]]);
  const world = {
    ...deposit(alice, 10_000n),
    portfolios: {
      b: new Map([
        [bob, long],
        [alice, short],
      ]),
      c: new Map([
        [alice, short],
        [bob, long],
      ]),
    },
  };
  const insolvent = provable(transition(makeInput(4, world)).epoch);
  for (const [eid, market] of [
    [2, marketB],
    [3, marketC],
  ] as const) {
    const { leaf, proof } = proveDeleverage(insolvent, eid, market, bob);
    expect(leaf).toEqual({ account: bob, consumer: market, queue: [alice] });
    expect(verifyProof(proveChain(insolvent, eid).chainRoot, hashDeleverageLeaf(leaf), proof)).toBe(true);
  }
  expect(() => proveDeleverage(insolvent, 2, marketB, alice)).toThrow(NoSuchLeaf);
  expect(() => proveDeleverage(insolvent, 1, marketB, bob)).toThrow(NoSuchLeaf);
});

test("behavior: the JSON of a node's API", () => {
  const attestation = attestationToWire(epoch.header, proveChain(from, 1), concatHex(["0x01", "0x02"]));
  expect(attestation).toMatchObject({ header: { epoch: 4 }, chainRoot: rootOfChain(1), signatures: "0x0102" });
  const wanted = { accounts: [alice], instruments: [btcPerp] };
  const { accounts, instruments, siblings } = marginProofToWire(proveMargin(from, 2, marketB, wanted));
  expect(accounts).toMatchObject([{ account: alice, consumer: marketB, status: 0 }]);
  expect(accounts[0]?.allotment).toHaveLength(2 + 16 * 7);
  expect(instruments).toMatchObject([{ instrument: btcPerp, mark: "12000000000000" }]);
  expect(siblings.length).toBeGreaterThan(0);
  expect(withdrawalProofToWire(attestation, proveWithdrawal(from, 1, alice, usdc)).leaf.approvedTotal).toBe(
    "300000000",
  );
});

test("behavior: an account without a leaf there is left out", () => {
  const stranger = `0x${"99".repeat(32)}` as const;
  const { accounts } = proveMargin(from, 2, marketB, { accounts: [stranger, alice], instruments: [btcPerp] });
  expect(accounts.map(({ account }) => account)).toEqual([alice]);
  expect(proveMargin(from, 2, vault, { accounts: [alice], instruments: [btcPerp] }).accounts).toEqual([]);
});

test("error: UnknownChain, NoSuchLeaf", () => {
  expect(() => proveChain(from, 9)).toThrow(UnknownChain);
  const wanted = { accounts: [alice], instruments: [btcPerp] };
  expect(() => proveMargin(from, 9, marketB, wanted)).toThrow(UnknownChain);
  // Chain 1 has no consumer, so no instrument leaves.
  expect(() => proveMargin(from, 1, marketB, wanted)).toThrow(NoSuchLeaf);
  expect(() => proveWithdrawal(from, 1, bob, usdc)).toThrow(NoSuchLeaf);
});
