import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  interval,
  leaderTimeout,
  type TestOperator,
  type TestQuorum,
  testQuorum,
} from "../../test/support/operators.ts";
import type { ChainView, OperatorSet } from "./chainView.ts";
import { createEpochEngine } from "./engine.ts";
import type { QuorumEvent } from "./events.ts";
import type { LeadOutcome } from "./lead.ts";

let quorum: TestQuorum;
beforeEach(() => {
  quorum = testQuorum();
});
afterEach(() => quorum.close());

/** A new block everywhere, and the turn of whoever is next in line. */
async function nextEpoch(by?: TestOperator): Promise<LeadOutcome | null> {
  quorum.chains.mine();
  quorum.clock.advance(interval);
  const highest = Math.max(...quorum.operators.map((operator) => alive(operator)?.store.highestEpoch() ?? 0));
  return await (by ?? quorum.leaderOf(highest + 1)).engine.turn();
}

function alive(operator: TestOperator) {
  try {
    return operator.context;
  } catch {
    return null;
  }
}

const newestOf = (operator: TestOperator) => operator.context.store.newestAttested()?.header;

describe("a quorum of three", () => {
  test("default: the leader's epoch is attested everywhere, with one content", async () => {
    expect(await nextEpoch()).toEqual({ outcome: "attested", epoch: 1 });
    const headers = quorum.operators.map(newestOf);
    expect(headers[0]?.epoch).toBe(1);
    expect(headers[1]).toEqual(headers[0]);
    expect(headers[2]).toEqual(headers[0]);
    const [content] = quorum.operators[0]?.engine.epochRecords(1) ?? [];
    expect(content?.signatures.length).toBeGreaterThanOrEqual(2);
  });

  test("behavior: leaders take turns", async () => {
    for (let epoch = 1; epoch <= 6; epoch++) expect(await nextEpoch()).toEqual({ outcome: "attested", epoch });
    const { store } = quorum.leaderOf(1).context;
    const proposers = store.listAttested(6).map(({ proposer }) => proposer);
    expect(new Set(proposers.slice(0, 3)).size).toBe(3);
    expect(proposers.slice(3)).toEqual(proposers.slice(0, 3));
  });

  test("behavior: nobody leads before the turn comes", async () => {
    quorum.clock.advance(interval - 1);
    for (const operator of quorum.operators) expect(await operator.engine.turn()).toBeNull();
    quorum.clock.advance(1);
    for (const operator of quorum.operators.filter((one) => one !== quorum.leaderOf(1))) {
      expect(await operator.engine.turn()).toBeNull();
    }
    expect(await quorum.leaderOf(1).engine.turn()).toMatchObject({ outcome: "attested" });
  });

  test("behavior: the next in line steps in for a leader that is down", async () => {
    quorum.leaderOf(1).crash();
    const next = quorum.leaderOf(2);
    expect(await nextEpoch(next)).toBeNull();
    quorum.clock.advance(leaderTimeout);
    expect(await next.engine.turn()).toEqual({ outcome: "attested", epoch: 1 });
  });

  test("behavior: each one in turn may be killed, and catches up and signs again when it is back", async () => {
    for (const victim of quorum.operators) {
      victim.crash();
      const before = Math.max(...quorum.operators.map((one) => alive(one)?.store.highestEpoch() ?? 0));
      const others = quorum.operators.filter((one) => one !== victim);
      for (let round = 0; round < 3; round++) {
        quorum.chains.mine();
        quorum.clock.advance(interval + 2 * leaderTimeout);
        const outcomes = [];
        for (const one of others) outcomes.push(await one.engine.turn());
        expect(outcomes).toContainEqual(expect.objectContaining({ outcome: "attested" }));
      }
      const after = Math.max(...others.map((one) => one.context.store.highestEpoch()));
      expect(after).toBeGreaterThanOrEqual(before + 3);
      victim.restart();
      quorum.chains.mine();
      quorum.clock.advance(interval + 2 * leaderTimeout);
      const outcome = await victim.engine.turn();
      expect(outcome).toMatchObject({ outcome: "attested" });
      expect(newestOf(victim)?.epoch).toBeGreaterThan(after);
    }
  });

  test("behavior: without a quorum in reach nothing is signed", async () => {
    const alone = quorum.leaderOf(1);
    for (const other of quorum.operators) if (other !== alone) other.crash();
    expect(await nextEpoch(alone)).toEqual({ outcome: "not-ready", because: "quorum-unreachable" });
    expect(alone.context.store.highestSigned()).toBe(0);
  });

  const nobody: OperatorSet = { id: 1, threshold: 1, members: [] };
  test.each<[string, Partial<ChainView>]>([
    ["no-finalized-cut", { finalizedCut: () => null }],
    ["no-operator-set", { operatorSetAt: () => null }],
    ["not-a-member", { operatorSetAt: () => nobody }],
  ])("behavior: who cannot lead at all says so once an interval: %s", async (because, broken) => {
    const { context } = quorum.leaderOf(1);
    const events: QuorumEvent[] = [];
    const view = { ...context.view, ...broken };
    const engine = createEpochEngine({ ...context, view, observe: (event) => events.push(event) });
    for (let passedMs = 0; passedMs < 2 * interval; passedMs += 500) {
      expect(await engine.turn()).toBeNull();
      quorum.clock.advance(500);
    }
    expect(events).toEqual([{ type: "not-ready", because }]);
    await engine.turn();
    expect(events).toHaveLength(2);
  });

  test("behavior: lost requests and lost answers are made up for", async () => {
    let count = 0;
    quorum.network.loseRequest = ({ kind }) => kind === "propose" && count++ % 2 === 0;
    quorum.network.loseAnswer = ({ kind }) => kind === "propose" && count++ % 3 === 0;
    for (let epoch = 1; epoch <= 5; epoch++) expect(await nextEpoch()).toMatchObject({ outcome: "attested" });
  });

  test("behavior: a lagging index does not sign, the others go on", async () => {
    const leader = quorum.leaderOf(1);
    const lagging = quorum.leaderOf(2);
    lagging.lag.blocks = 1;
    expect(await nextEpoch(leader)).toMatchObject({ outcome: "attested" });
    expect(lagging.context.store.highestSigned()).toBe(0);
    lagging.lag.blocks = 0;
    expect(await nextEpoch(lagging)).toMatchObject({ outcome: "attested", epoch: 2 });
  });

  test("behavior: a stalled chain keeps its block and does not stop the others", async () => {
    await nextEpoch();
    quorum.chains.mine(1, 2);
    quorum.clock.advance(interval);
    expect(await quorum.leaderOf(2).engine.turn()).toEqual({ outcome: "attested", epoch: 2 });
    const [newer, older] = quorum.leaderOf(2).context.store.listAttested(2);
    const numberOn = (eid: number) => [older, newer].map((one) => one?.cut.find((block) => block.eid === eid)?.number);
    expect(numberOn(3)[1]).toBe(numberOn(3)[0]);
    expect(numberOn(1)[1]).toBeGreaterThan(numberOn(1)[0] ?? 0);
  });
});

describe("an epoch that only some have signed", () => {
  /** The leader of epoch 1 and one follower signed it, and nobody but that follower knows any more. */
  async function halfSigned() {
    const leader = quorum.leaderOf(1);
    const follower = quorum.leaderOf(2);
    const unaware = quorum.leaderOf(3);
    quorum.network.loseRequest = ({ kind, to }) => kind === "deliver" || (kind === "propose" && to === unaware.address);
    quorum.network.loseAnswer = ({ kind }) => kind === "propose";
    await nextEpoch(leader);
    quorum.network.loseRequest = () => false;
    quorum.network.loseAnswer = () => false;
    expect(follower.context.store.highestSigned()).toBe(1);
    expect(unaware.context.store.highestEpoch()).toBe(0);
    return { leader, follower, unaware };
  }

  test("behavior: whoever leads next counts it, after having computed it or seen its quorum", async () => {
    const { leader, follower, unaware } = await halfSigned();
    leader.crash();
    quorum.chains.mine();
    quorum.clock.advance(interval + 2 * leaderTimeout);
    expect(await unaware.engine.turn()).toEqual({ outcome: "attested", epoch: 2 });
    const [record] = unaware.engine.epochRecords(2);
    expect(record?.proposal.earlier.map(({ epoch }) => epoch)).toEqual([1]);
    expect(follower.context.store.attested(2)?.header).toEqual(unaware.context.store.attested(2)?.header);
  });

  test("behavior: refused for missing epochs, the leader proposes again with them", async () => {
    const { leader, follower, unaware } = await halfSigned();
    leader.crash();
    // The survey before a proposal would tell of it: here it tells nothing.
    const { status } = follower.engine;
    follower.engine.status = () => ({ ...status(), highestEpoch: 1, attested: [] });
    quorum.chains.mine();
    quorum.clock.advance(interval + 2 * leaderTimeout);
    expect(await unaware.engine.turn()).toEqual({ outcome: "attested", epoch: 3 });
    const [refused] = unaware.engine.epochRecords(2);
    const [accepted] = unaware.engine.epochRecords(3);
    expect(refused?.proposal.earlier).toEqual([]);
    expect(accepted?.proposal.earlier.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test("behavior: once one has told what is missing, who is silent is not waited for as long as patience has grown", async () => {
    const { leader, follower, unaware } = await halfSigned();
    const { status } = follower.engine;
    follower.engine.status = () => ({ ...status(), highestEpoch: 1, attested: [] });
    const { peers, patience } = unaware.context;
    for (let failure = 0; failure < 3; failure++) patience.grow();
    const { propose } = peers;
    Object.assign(peers, {
      async propose(...[to, proposal, timeoutMs]: Parameters<typeof propose>) {
        return to === leader.address ? await new Promise<never>(() => {}) : await propose(to, proposal, timeoutMs);
      },
    });
    quorum.chains.mine();
    quorum.clock.advance(interval + 16 * leaderTimeout);
    const startMs = quorum.clock.nowMs();
    expect(await unaware.engine.turn()).toEqual({ outcome: "attested", epoch: 3 });
    expect(quorum.clock.nowMs() - startMs).toBeLessThan(8 * leaderTimeout);
  });

  test("behavior: a signature journaled before a crash is given again, and it alone", async () => {
    const { leader, follower } = await halfSigned();
    const [record] = leader.engine.epochRecords(1);
    const before = follower.context.store.signed(1);
    follower.crash();
    follower.restart();
    if (record === undefined) expect.unreachable();
    expect(await follower.engine.considerProposal(record.proposal)).toEqual({ signature: before?.signature });
  });

  test("behavior: an expired epoch need not be counted any more", async () => {
    const { leader, unaware } = await halfSigned();
    leader.crash();
    quorum.clock.advance(61_000 + interval);
    quorum.chains.mine();
    expect(await unaware.engine.turn()).toMatchObject({ outcome: "attested" });
    const newest = unaware.context.store.newestAttested()?.header.epoch ?? 0;
    expect(unaware.engine.epochRecords(newest)[0]?.proposal.earlier).toEqual([]);
  });
});

describe("rivals", () => {
  test("behavior: two proposals of one number at once; one of them or the next epoch is attested", async () => {
    quorum.chains.mine();
    quorum.clock.advance(interval + 2 * leaderTimeout);
    await Promise.all(quorum.operators.map((operator) => operator.engine.turn()));
    const outcome = await nextEpoch();
    expect(outcome).toMatchObject({ outcome: "attested" });
    const attested = quorum.operators.map((operator) => operator.context.store.listAttested(10));
    for (const epoch of attested.flat()) {
      const sameNumber = attested.flat().filter((one) => one.header.epoch === epoch.header.epoch);
      expect(new Set(sameNumber.map(({ digest }) => digest)).size).toBe(1);
    }
  });

  test("behavior: two of three whose proposals always cross are not for ever in each other's way", async () => {
    quorum.leaderOf(1).crash();
    const pair = quorum.operators.filter((one) => alive(one) !== null);
    // Their clocks differ, so their proposals do.
    const { context } = pair[1] as TestOperator;
    Object.assign(context, { clock: { ...context.clock, nowMs: () => quorum.clock.nowMs() + 1_000 } });
    // Neither answers a proposal before the other has signed one of its own, for as long as both lead.
    let leading = 0;
    let waiting: (() => void)[] = [];
    const release = () => {
      for (const go of waiting) go();
      waiting = [];
    };
    for (const { engine } of pair) {
      const { considerProposal } = engine;
      engine.considerProposal = async (proposal) => {
        await new Promise<void>((go) => {
          waiting.push(go);
          if (waiting.length >= leading) release();
        });
        return await considerProposal(proposal);
      };
    }
    for (let round = 0; round < 8; round++) {
      quorum.chains.mine();
      quorum.clock.advance(interval + 2 * leaderTimeout);
      leading = pair.length;
      const lead = async ({ engine }: TestOperator) => {
        const outcome = await engine.turn();
        leading--;
        release();
        return outcome;
      };
      expect(await Promise.all(pair.map(lead))).toContainEqual(expect.objectContaining({ outcome: "attested" }));
    }
  });

  test("behavior: two epochs of one number, each signed by one operator alone, are both counted", async () => {
    const [one, two, three] = [quorum.leaderOf(1), quorum.leaderOf(2), quorum.leaderOf(3)];
    quorum.network.loseRequest = ({ kind }) => kind !== "status";
    expect(await nextEpoch(one)).toEqual({ outcome: "no-quorum", epoch: 1 });
    // The survey would tell the second of the first's number.
    const { status } = one.engine;
    one.engine.status = () => ({ ...status(), highestEpoch: 0 });
    quorum.chains.mine();
    quorum.clock.advance(interval + leaderTimeout);
    expect(await two.engine.turn()).toEqual({ outcome: "no-quorum", epoch: 1 });
    one.engine.status = status;
    quorum.network.loseRequest = () => false;

    quorum.chains.mine();
    quorum.clock.advance(interval + 2 * leaderTimeout);
    expect(await three.engine.turn()).toMatchObject({ outcome: "attested" });
    const rivals = () => {
      const [record] = three.engine.epochRecords(newestOf(three)?.epoch ?? 0);
      return record?.proposal.earlier.filter(({ epoch }) => epoch === 1).map(({ digest }) => digest) ?? [];
    };
    const signed = [one, two].map((operator) => operator.context.store.signed(1)?.digest);
    expect(rivals().length).toBeGreaterThanOrEqual(1);

    // Whoever signed this one leaves: the other's signature is then needed, and its epoch has to be counted.
    const helper = [one, two].find((operator) => operator.context.store.highestSigned() === newestOf(three)?.epoch);
    helper?.crash();
    quorum.chains.mine();
    quorum.clock.advance(interval + 2 * leaderTimeout);
    expect(await three.engine.turn()).toMatchObject({ outcome: "attested" });
    expect([...rivals()].sort()).toEqual([...signed].sort());
    expect(new Set(signed).size).toBe(2);
  });
});

describe("a rival of an attested epoch", () => {
  test("behavior: whoever signed it alone is told what was attested, and then signs with the others", async () => {
    quorum.close();
    quorum = testQuorum(5, 3);
    const [alone, leader, second, third, fourth] = quorum.operators.map((_, index) => quorum.leaderOf(index + 1));
    if (!alone || !leader || !second || !third || !fourth) expect.unreachable();
    quorum.network.loseRequest = ({ kind }) => kind !== "status";
    expect(await nextEpoch(alone)).toEqual({ outcome: "no-quorum", epoch: 1 });
    quorum.network.loseRequest = ({ to }) => to === alone.address;
    quorum.chains.mine();
    quorum.clock.advance(interval + leaderTimeout);
    expect(await leader.engine.turn()).toEqual({ outcome: "attested", epoch: 1 });
    quorum.network.loseRequest = () => false;

    // It comes to know the content from somebody who does not know of the quorum, so it will not ask for it again.
    const ref = { epoch: 1, digest: leader.context.store.attested(1)?.digest ?? expect.unreachable() };
    alone.context.store.saveVerified(leader.context.store.content(ref) ?? expect.unreachable());
    // Its signature is needed now.
    third.crash();
    fourth.crash();
    quorum.chains.mine();
    quorum.clock.advance(interval + 4 * leaderTimeout);
    expect(await second.engine.turn()).toMatchObject({ outcome: "attested" });
    expect(alone.context.store.attested(1)?.digest).toBe(ref.digest);
    expect(alone.context.store.signed(1)?.digest).not.toBe(ref.digest);
  });
});

describe("a leader that is a follower at the same time", () => {
  test("behavior: signs no older cut than it signed while its own proposal waited", async () => {
    const [leader, other] = [quorum.leaderOf(1), quorum.leaderOf(2)];
    quorum.network.loseRequest = ({ kind }) => kind === "propose";
    expect(await nextEpoch(leader)).toEqual({ outcome: "no-quorum", epoch: 1 });
    quorum.network.loseRequest = () => false;
    const [record] = leader.engine.epochRecords(1);
    if (record === undefined) expect.unreachable();
    quorum.clock.advance(interval + 2 * leaderTimeout);
    const { sign } = other.context.signer;
    const gate = Promise.withResolvers<void>();
    let signing = false;
    Object.assign(other.context.signer, {
      async sign(...what: Parameters<typeof sign>) {
        signing = true;
        await gate.promise;
        return await sign(...what);
      },
    });
    const answer = other.engine.considerProposal(record.proposal);
    while (!signing) await setImmediate();
    // What the index had before is what its own proposal begins with.
    other.lag.blocks = 1;
    const outcome = other.engine.turn();
    for (let round = 0; round < 20; round++) await setImmediate();
    other.lag.blocks = 0;
    gate.resolve();
    expect(await answer).toHaveProperty("signature");
    expect(await outcome).toEqual({ outcome: "not-ready", because: "cut-went-back" });
  });
});

describe("what is posted", () => {
  test("behavior: an epoch posted on a chain is counted, even by a node that never saw it attested", async () => {
    const unaware = quorum.leaderOf(2);
    quorum.network.loseRequest = ({ to, kind }) => to === unaware.address && kind !== "status";
    await nextEpoch();
    expect(unaware.context.store.highestEpoch()).toBe(0);
    quorum.network.loseRequest = () => false;
    const { store } = quorum.leaderOf(1).context;
    for (const eid of [1, 2, 3]) quorum.chains.post(eid, store.attested(1)?.header);
    quorum.clock.advance(600_000);
    quorum.chains.mine();
    expect(await unaware.engine.turn()).toEqual({ outcome: "attested", epoch: 2 });
    expect(unaware.engine.epochRecords(2)[0]?.proposal.earlier.map(({ epoch }) => epoch)).toEqual([1]);
  });

  test("behavior: its signatures may be gone with those who gathered them", async () => {
    quorum.close();
    quorum = testQuorum(5, 3);
    const [leader, one, two, next] = [1, 2, 3, 4].map((epoch) => quorum.leaderOf(epoch));
    if (leader === undefined || one === undefined || two === undefined || next === undefined) expect.unreachable();
    const asked = [one.address, two.address];
    quorum.network.loseRequest = ({ kind, to }) => kind === "deliver" || (kind === "propose" && !asked.includes(to));
    quorum.network.loseAnswer = ({ kind }) => kind === "propose";
    expect(await nextEpoch(leader)).toEqual({ outcome: "no-quorum", epoch: 1 });
    const [record] = one.engine.epochRecords(1);
    for (const eid of [1, 2, 3]) quorum.chains.post(eid, record?.proposal.header);
    quorum.network.loseRequest = () => false;
    quorum.network.loseAnswer = () => false;
    leader.crash();
    two.crash();
    quorum.chains.mine();
    quorum.clock.advance(interval + 4 * leaderTimeout);
    expect(await next.engine.turn()).toEqual({ outcome: "attested", epoch: 2 });
    expect(next.engine.epochRecords(2)[0]?.proposal.earlier.map(({ epoch }) => epoch)).toEqual([1]);
  });
});
