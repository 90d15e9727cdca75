import { setImmediate } from "node:timers/promises";
import type { Header } from "@plimsoll/protocol/epoch";
import { type Hex, keccak256, toHex, zeroHash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { salt } from "../../test/support/chains.ts";
import {
  interval,
  leaderTimeout,
  type TestOperator,
  type TestQuorum,
  testQuorum,
} from "../../test/support/operators.ts";
import { createProtocol } from "./createProtocol.ts";
import { PeerError } from "./errors.ts";
import { postableEpochs, refOf } from "./known.ts";
import type { EpochRef, Proposal } from "./messages.ts";
import { mostPerInterval } from "./pace.ts";
import { refuse } from "./refusal.ts";
import { mostEpochsSkipped } from "./rules.ts";

// One of four, of whom three sign, lies: as many as docs/SIMULATION.md allows. The others must go on.

const protocol = createProtocol(salt);
let quorum: TestQuorum;
let liar: TestOperator;
let honest: TestOperator[];

beforeEach(() => {
  quorum = testQuorum(4, 3);
  liar = quorum.leaderOf(4);
  honest = [1, 2, 3].map(quorum.leaderOf);
});
afterEach(() => quorum.close());

/** Epochs that nobody has, by names that nobody can check. */
const inventions = (count: number): EpochRef[] =>
  Array.from({ length: count }, (_, index) => ({ epoch: index + 1, digest: keccak256(toHex(`invented ${index}`)) }));

/** Asked for an epoch, the liar answers nothing until whoever asked gives up. */
function holdUp() {
  for (const { context } of honest) {
    const { epochs } = context.peers;
    Object.assign(context.peers, {
      async epochs(...[from, epoch, timeoutMs]: Parameters<typeof epochs>) {
        if (from !== liar.address) return await epochs(from, epoch, timeoutMs);
        await quorum.clock.sleep(timeoutMs);
        throw new PeerError("no answer");
      },
    });
  }
}

/** Of the tests' clock, which adds up what is waited for at once; one by one 200 epochs take 200 time-outs at least. */
const mostMs = 12 * leaderTimeout;

/** How long a turn took of somebody whose turn it is, and what came of it. */
async function turnOf(leader: TestOperator) {
  quorum.chains.mine();
  // As late as the last of them may be, who waits for as long as anybody does.
  quorum.clock.advance(interval + 24 * leaderTimeout);
  const startMs = quorum.clock.nowMs();
  const outcome = await leader.engine.turn();
  return { outcome, tookMs: quorum.clock.nowMs() - startMs };
}

const [first, second] = [() => honest[0] as TestOperator, () => honest[1] as TestOperator];
const signedBySecond = () => vi.waitFor(() => expect(second().context.store.highestSigned()).toBe(1), { interval: 1 });
const nowSeconds = () => Math.floor(quorum.clock.nowMs() / 1000);
const sign = (header: Header): Promise<Hex> => privateKeyToAccount(liar.key).sign({ hash: protocol.digest(header) });

/** What an honest leader would propose, under a number of the liar's choice: all that the second knows is counted. */
async function propose(number: number, issuedAt = nowSeconds()): Promise<Proposal> {
  const { view, store } = second().context;
  const cut = [...(view.finalizedCut(null) ?? [])];
  const known = postableEpochs(store);
  const earlier = known.flatMap((summary) => store.content(refOf(summary))?.epoch ?? []);
  const state = view.stateAt(cut);
  const input = { epoch: number, operatorSetId: 1, issuedAt, state, earlier };
  const { header } = (await protocol.transition(input)).epoch;
  return { header, cut, earlier: known.map(refOf), signature: await sign(header) };
}

describe("a peer that tells of epochs which it never gives", () => {
  test("behavior: as attested, in its status: leaders take no longer", async () => {
    const { status } = liar.engine;
    liar.engine.status = () => ({ ...status(), attested: inventions(200) });
    holdUp();
    const { outcome, tookMs } = await turnOf(first());
    expect(outcome).toEqual({ outcome: "attested", epoch: 1 });
    expect(tookMs).toBeLessThanOrEqual(mostMs);
  });

  test("behavior: as left out, in a refusal: whoever leads without success is free for its next turn", async () => {
    liar.engine.considerProposal = async () => refuse({ code: "missing-epochs", missing: inventions(200) });
    holdUp();
    second().lag.blocks = 1;
    const { outcome, tookMs } = await turnOf(first());
    expect(outcome).toMatchObject({ outcome: "no-quorum" });
    expect(tookMs).toBeLessThanOrEqual(mostMs);
    second().lag.blocks = 0;
    expect(await turnOf(first())).toMatchObject({ outcome: { outcome: "attested" } });
  });

  test("behavior: in its proposals: those of others are considered meanwhile", async () => {
    holdUp();
    const proposal = { ...(await propose(300)), earlier: inventions(200) };
    const held = Promise.all(Array.from({ length: 9 }, () => second().engine.considerProposal(proposal)));
    for (let round = 0; round < 20; round++) await setImmediate();
    const { outcome } = await turnOf(first());
    expect(outcome).toEqual({ outcome: "attested", epoch: 1 });
    await signedBySecond();
    expect((await held)[0]).toMatchObject({ refusal: { code: "unverifiable-epoch" } });
  });
});

describe("a peer that proposes without end", () => {
  test("behavior: blocks that nobody has: an honest proposal does not wait behind them all", async () => {
    const { header, cut } = await propose(1);
    const ahead = cut.map((block) => ({ ...block, number: block.number + 1_000 }));
    const flooding = Array.from({ length: 40 }, (_, index) => ({
      ...header,
      epoch: 1 + index,
      cutHash: protocol.cutHash(ahead),
    }));
    const signatures = await Promise.all(flooding.map(sign));
    let answered = 0;
    let answeredBefore = 0;
    const { signer } = second().context;
    const { sign: plain } = signer;
    Object.assign(signer, {
      async sign(...what: Parameters<typeof plain>) {
        answeredBefore = answered;
        return await plain(...what);
      },
    });
    const flood = flooding.map(async (other, index) => {
      const proposal = { header: other, cut: ahead, earlier: [], signature: signatures[index] ?? zeroHash };
      await second().engine.considerProposal(proposal);
      answered++;
    });
    await setImmediate();
    const { outcome } = await turnOf(first());
    expect(outcome).toEqual({ outcome: "attested", epoch: 1 });
    // Others' signatures may have been enough before its own came.
    await signedBySecond();
    await Promise.all(flood);
    expect(answeredBefore).toBeLessThan(20);
  });

  test("behavior: good ones: no more are signed than a leader needs", async () => {
    const answers = [];
    for (let epoch = 1; epoch <= 3 * mostPerInterval; epoch++) {
      answers.push(await second().engine.considerProposal({ ...(await propose(epoch)) }));
      if (epoch === 1) expect(answers[0]).toHaveProperty("signature");
    }
    expect(answers.at(-1)).toEqual({ refusal: { code: "too-many-proposals" } });
    expect(second().context.store.highestSigned()).toBeLessThanOrEqual(mostPerInterval);
    // Others are not held to what it did, and it may go on later.
    expect(await turnOf(first())).toMatchObject({ outcome: { outcome: "attested" } });
    quorum.clock.advance(interval);
    expect(await second().engine.considerProposal(await propose(100))).not.toEqual(answers.at(-1));
  });

  test("behavior: numbers beyond what a chain would take are never signed, and so never used up", async () => {
    Object.assign(second().context.store, { highestEpoch: () => nowSeconds() - 1 });
    const beyond = await second().engine.considerProposal(await propose(nowSeconds() + 1));
    expect(beyond).toMatchObject({ refusal: { code: "epoch-too-far" } });
    expect(await second().engine.considerProposal(await propose(nowSeconds()))).toHaveProperty("signature");
  });
});

describe("a peer that gives epochs which nobody asked for", () => {
  test("behavior: those that no quorum signed are not computed, and their numbers do not count", async () => {
    const far = 50 * mostEpochsSkipped;
    const proposal = await propose(far);
    const { epochRecords, status } = liar.engine;
    const digest = protocol.digest(proposal.header);
    const { epoch } = await protocol.transition({
      ...{ epoch: far, operatorSetId: 1, issuedAt: proposal.header.issuedAt, earlier: [] },
      state: liar.context.view.stateAt(proposal.cut),
    });
    const record = {
      proposal,
      content: Buffer.from(protocol.encode(epoch)).toString("base64"),
      signatures: [proposal.signature],
    };
    liar.engine.epochRecords = (number) => (number === far ? [record] : epochRecords(number));
    liar.engine.status = () => ({ ...status(), attested: [{ epoch: far, digest }] });
    await second().engine.receiveAttestation({ header: proposal.header, signatures: [proposal.signature] });
    expect(second().context.store.highestEpoch()).toBe(0);
    expect(await turnOf(first())).toMatchObject({ outcome: { outcome: "attested", epoch: 1 } });
    liar.engine.considerProposal = async () => refuse({ code: "missing-epochs", missing: [{ epoch: far, digest }] });
    second().lag.blocks = 1;
    expect(await turnOf(first())).toMatchObject({ outcome: { outcome: "no-quorum" } });
    expect(first().context.store.highestEpoch()).toBeLessThan(mostEpochsSkipped);
  });
});

describe("a peer that begins an epoch whenever the others are about to, and keeps what they sign to itself", () => {
  test("behavior: each of them leads all the same", async () => {
    const led = new Set<TestOperator>();
    // The tests' clock adds up what is waited for at once.
    const endMs = quorum.clock.nowMs() + 2 * quorum.operators.length * (interval + 2 * leaderTimeout);
    while (led.size < honest.length && quorum.clock.nowMs() < endMs) {
      quorum.chains.mine();
      const highest = Math.max(...honest.map(({ context }) => context.store.highestEpoch()));
      const proposal = await propose(highest + 1);
      await Promise.all(honest.map(({ engine }) => engine.considerProposal(proposal)));
      quorum.clock.advance(0.9 * interval);
      for (const operator of honest) {
        if ((await operator.engine.turn())?.outcome === "attested") led.add(operator);
      }
    }
    expect(led.size).toBe(honest.length);
  });
});
