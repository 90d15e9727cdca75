import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { interval, type TestOperator, type TestQuorum, testQuorum } from "../../test/support/operators.ts";
import { attestationFor } from "../api/proofs.ts";
import { createProvableEpochs } from "../api/provableEpochs.ts";
import type { PostingChain, PostOutcome } from "./chain.ts";
import { createPoster, type Poster } from "./poster.ts";

const standInMs = 2_000;
const zero = `0x${"00".repeat(32)}` as const;

let quorum: TestQuorum;
let chain: PostingChain & { posts: number[]; newest: number | null; answer: PostOutcome | null };
beforeEach(async () => {
  quorum = testQuorum();
  chain = {
    eid: 2,
    name: "test",
    posts: [],
    newest: null,
    answer: null,
    newestEpoch: async () => chain.newest,
    async post({ header }) {
      chain.posts.push(header.epoch);
      if (chain.answer !== null) return chain.answer;
      chain.newest = header.epoch;
      return { outcome: "posted", transactionHash: zero, blockNumber: 1, gasUsed: 55_000 };
    },
  };
  quorum.clock.advance(interval);
  await quorum.leaderOf(1).engine.turn();
});
afterEach(() => quorum.close());

function posterOf({ context }: TestOperator): Poster {
  const { store, clock, log, signer } = context;
  const epochs = createProvableEpochs({ store, protocol: context.protocol, newestPosted: () => new Map() });
  return createPoster({
    chain,
    policy: { deviationBps: 10, heartbeatSeconds: 30 },
    standInMs,
    me: signer.address,
    store,
    clock,
    log,
    operators: () => quorum.set,
    attestationFor: (summary) => attestationFor(context, summary, epochs.find(summary.header.epoch).provable, 2),
  });
}

describe("a poster", () => {
  test("default: the proposer posts at once, and once", async () => {
    const poster = posterOf(quorum.leaderOf(1));
    expect(await poster.step()).toBe("posted");
    expect(await poster.step()).toBe("up-to-date");
    expect(chain.posts).toEqual([1]);
  });

  test("behavior: others wait, and step in when the chain stays behind", async () => {
    const next = posterOf(quorum.leaderOf(2));
    const last = posterOf(quorum.leaderOf(3));
    expect(await next.step()).toBe("not-my-turn");
    quorum.clock.advance(standInMs);
    expect(await last.step()).toBe("not-my-turn");
    expect(await next.step()).toBe("posted");
    quorum.clock.advance(standInMs);
    expect(await last.step()).toBe("up-to-date");
  });

  test("behavior: what is not worth its gas waits for the heartbeat", async () => {
    const poster = posterOf(quorum.leaderOf(1));
    await poster.step();
    quorum.clock.advance(interval);
    expect(await quorum.leaderOf(2).engine.turn()).toMatchObject({ outcome: "attested", epoch: 2 });
    const second = posterOf(quorum.leaderOf(2));
    expect(await second.step()).toBe("not-worth-it");
    quorum.clock.advance(30_000);
    expect(await second.step()).toBe("posted");
  });

  test("behavior: stale is no error, and an expired epoch is not posted", async () => {
    const poster = posterOf(quorum.leaderOf(1));
    chain.answer = { outcome: "stale" };
    expect(await poster.step()).toBe("up-to-date");
    quorum.clock.advance(61_000);
    expect(await poster.step()).toBe("nothing-to-post");
  });

  test("behavior: refused for now, it is tried again", async () => {
    const poster = posterOf(quorum.leaderOf(1));
    chain.answer = { outcome: "not-yet", because: "IssuedInFuture" };
    expect(await poster.step()).toBe("failed");
    chain.answer = null;
    expect(await poster.step()).toBe("posted");
  });
});
