import { afterEach, beforeEach, expect, test } from "vitest";
import { interval, type TestOperator, type TestQuorum, testQuorum } from "../../test/support/operators.ts";
import { refOf } from "../quorum/known.ts";
import { pruneEpochs } from "../quorum/prune.ts";
import { EpochAlreadySignedError } from "./errors.ts";

let quorum: TestQuorum;
let leader: TestOperator;
beforeEach(async () => {
  quorum = testQuorum();
  leader = quorum.leaderOf(1);
  quorum.clock.advance(interval);
  await leader.engine.turn();
});
afterEach(() => quorum.close());

const newest = () => leader.context.store.newestAttested() ?? expect.unreachable();

test("default: an epoch survives a restart, byte for byte", () => {
  const ref = refOf(newest());
  const before = leader.engine.epochRecords(1);
  leader.crash();
  leader.restart();
  expect(leader.engine.epochRecords(1)).toEqual(before);
  expect(leader.context.store.content(ref)?.accounts).toBeUndefined();
});

test("error: EpochAlreadySignedError, whatever the caller checked before", () => {
  const { store } = leader.context;
  const verified = store.content(refOf(newest())) ?? expect.unreachable();
  const mine = { signer: leader.address, signature: verified.proposal.signature };
  expect(() => store.recordSigned(verified, mine, 0)).toThrow(EpochAlreadySignedError);
  expect(store.highestSigned()).toBe(1);
});

test("behavior: a failed journal entry leaves nothing behind", () => {
  const { store } = leader.context;
  const verified = store.content(refOf(newest())) ?? expect.unreachable();
  const header = { ...verified.proposal.header, issuedAt: 1 };
  const digest = leader.context.protocol.digest(header);
  const rival = { ...verified, digest, proposal: { ...verified.proposal, header } };
  const mine = { signer: leader.address, signature: verified.proposal.signature };
  expect(() => store.recordSigned(rival, mine, 0)).toThrow(EpochAlreadySignedError);
  expect(store.summary({ epoch: 1, digest })).toBeNull();
  expect(store.equivocations()).toEqual([]);
});

test("behavior: pruning keeps what is posted or can still be, and every header", async () => {
  const lone = testQuorum(1, 1);
  try {
    const operator = lone.leaderOf(1);
    const { store } = operator.context;
    for (let epoch = 1; epoch <= 36; epoch++) {
      for (const eid of [1, 2, 3]) if (epoch > 1) lone.chains.post(eid, store.attested(epoch - 1)?.header);
      lone.clock.advance(interval);
      expect(await operator.engine.turn()).toMatchObject({ outcome: "attested", epoch });
    }
    expect(pruneEpochs(operator.context)).toBe(4);
    expect(store.withContent().map(({ header }) => header.epoch)).toEqual(Array.from({ length: 32 }, (_, i) => i + 5));
    const pruned = store.attested(1) ?? expect.unreachable();
    expect(store.content(refOf(pruned))).toBeNull();
    expect(pruneEpochs(operator.context)).toBe(0);
  } finally {
    lone.close();
  }
});

test("behavior: pruning keeps what an epoch without a quorum builds on", async () => {
  const { store } = leader.context;
  quorum.network.loseRequest = ({ kind }) => kind === "propose";
  for (const seconds of [10, 50, 20]) {
    quorum.clock.advance(seconds * 1000);
    quorum.chains.mine();
    expect(await leader.engine.turn()).toMatchObject({ outcome: "no-quorum" });
  }
  // Epoch 2 can be posted no more, but nobody can check epoch 3 without it.
  expect(pruneEpochs(leader.context)).toBe(0);
  expect(store.withContent().map(({ header }) => header.epoch)).toEqual([1, 2, 3, 4]);
});
