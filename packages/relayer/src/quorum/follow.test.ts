import { joinSignatures } from "@plimsoll/protocol/attestation";
import type { Allotment, Header } from "@plimsoll/protocol/epoch";
import type { AccountId } from "@plimsoll/protocol/ids";
import { provable } from "@plimsoll/protocol/proofs";
import { type Address, type Hex, keccak256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lifetimeSeconds, salt, vault } from "../../test/support/chains.ts";
import { interval, type TestOperator, type TestQuorum, testQuorum } from "../../test/support/operators.ts";
import { attestationFor } from "../api/proofs.ts";
import { absorbSignatures } from "./attest.ts";
import { createProtocol } from "./createProtocol.ts";
import { createFollower } from "./follow.ts";
import { refOf } from "./known.ts";
import { leadEpoch } from "./lead.ts";
import type { EpochRef, Proposal } from "./messages.ts";
import { mostPerInterval } from "./pace.ts";
import type { ProposalAnswer } from "./refusal.ts";
import { mostEpochsSkipped } from "./rules.ts";

const protocol = createProtocol(salt);
const strangersKey = keccak256(toHex("a stranger"));
let quorum: TestQuorum;
let proposer: TestOperator;
let follower: TestOperator;

beforeEach(() => {
  quorum = testQuorum();
  proposer = quorum.leaderOf(1);
  follower = quorum.leaderOf(2);
});
afterEach(() => quorum.close());

const nowSeconds = () => Math.floor(quorum.clock.nowMs() / 1000);

async function sign(header: Header, by: TestOperator = proposer): Promise<Hex> {
  return await privateKeyToAccount(by.key).sign({ hash: protocol.digest(header) });
}

interface Wish {
  readonly epoch?: number;
  readonly cut?: Proposal["cut"];
  readonly earlier?: readonly EpochRef[];
  readonly issuedAt?: number;
  readonly operatorSetId?: number;
}

/** What an honest proposer would send, but for what is wished. */
async function propose({ epoch = 1, cut, earlier = [], issuedAt = nowSeconds(), operatorSetId = 1 }: Wish = {}) {
  const { view, store } = proposer.context;
  const at = cut ?? [...(view.finalizedCut(null) ?? [])];
  const before = earlier.map((ref) => store.content(ref)).filter((one) => one !== null);
  const input = { epoch, operatorSetId, issuedAt, state: view.stateAt(at), earlier: before.map((one) => one.epoch) };
  const { header } = (await protocol.transition(input)).epoch;
  return { header, cut: at, earlier: [...earlier], signature: await sign(header) };
}

const refusalOf = (answer: ProposalAnswer) => ("refusal" in answer ? answer.refusal : null);

/** A refusal leaves no signature behind. */
async function expectRefused(proposal: Proposal, expected: object) {
  const before = follower.context.store.highestSigned();
  expect(refusalOf(await follower.engine.considerProposal(proposal))).toMatchObject(expected);
  expect(follower.context.store.highestSigned()).toBe(before);
}

async function signed(proposal: Proposal): Promise<EpochRef> {
  expect(await follower.engine.considerProposal(proposal)).toHaveProperty("signature");
  return { epoch: proposal.header.epoch, digest: protocol.digest(proposal.header) };
}

describe("an honest proposal", () => {
  test("default: signed, and the signature is the follower's", async () => {
    const proposal = await propose();
    const answer = await follower.engine.considerProposal(proposal);
    if (!("signature" in answer)) expect.unreachable();
    expect(await protocol.recoverSigner(proposal.header, answer.signature)).toBe(follower.address);
    expect(follower.context.store.signed(1)?.signature).toBe(answer.signature);
  });

  test("behavior: asked again, the same signature", async () => {
    const proposal = await propose();
    const first = await follower.engine.considerProposal(proposal);
    expect(await follower.engine.considerProposal(proposal)).toEqual(first);
  });

  test("behavior: two at once, one signature in all", async () => {
    const one = await propose();
    const other = await propose({ issuedAt: nowSeconds() - 1 });
    const answers = await Promise.all([one, other].map((proposal) => follower.engine.considerProposal(proposal)));
    expect(answers.filter((answer) => "signature" in answer)).toHaveLength(1);
    expect(answers.map(refusalOf)).toContainEqual({ code: "epoch-not-higher", highestSigned: 1 });
  });
});

describe("rule 1: the number is higher than any signed", () => {
  test("error: another header for a signed epoch", async () => {
    await signed(await propose());
    await expectRefused(await propose({ issuedAt: nowSeconds() - 1 }), { code: "epoch-not-higher", highestSigned: 1 });
  });

  test("error: a lower number, also after a restart", async () => {
    await signed(await propose({ epoch: 5 }));
    follower.crash();
    follower.restart();
    await expectRefused(await propose({ epoch: 4 }), { code: "epoch-not-higher", highestSigned: 5 });
  });

  test("error: a number that would use up all others", async () => {
    const epoch = mostEpochsSkipped + 1;
    await expectRefused(await propose({ epoch }), { code: "epoch-too-far", highestKnown: 0 });
    await signed(await propose({ epoch: epoch - 1 }));
  });
});

describe("rule 2: the cut is finalized and canonical here, and no older than the last", () => {
  test("error: a block that this index has not got to", async () => {
    quorum.chains.mine();
    follower.lag.blocks = 1;
    await expectRefused(await propose(), { code: "not-indexed-yet", eid: 1 });
  });

  test("behavior: an index that gets there in time signs", async () => {
    quorum.chains.mine();
    follower.lag.blocks = 1;
    const proposal = await propose();
    const answer = follower.engine.considerProposal(proposal);
    follower.lag.blocks = 0;
    expect(await answer).toHaveProperty("signature");
  });

  test("error: a block of another fork", async () => {
    const honest = await propose();
    const cut = honest.cut.map((block) =>
      block.eid === 2 ? { ...block, hash: `0x${"ff".repeat(32)}` as Hex } : block,
    );
    const header = { ...honest.header, cutHash: protocol.cutHash(cut) };
    await expectRefused(
      { header, cut, earlier: [], signature: await sign(header) },
      { code: "block-not-canonical", eid: 2 },
    );
  });

  test("error: a cut that went back", async () => {
    const old = proposer.context.view.finalizedCut(null) ?? [];
    quorum.chains.mine();
    const ref = await signed(await propose());
    proposer.context.store.saveVerified(follower.context.store.content(ref) ?? expect.unreachable());
    await expectRefused(await propose({ epoch: 2, cut: [...old], earlier: [ref] }), {
      code: "cut-went-back",
      eid: 1,
      lastSigned: 1,
    });
  });

  test("error: a chain left out, or a cut that is not the header's", async () => {
    const honest = await propose();
    const cut = honest.cut.slice(1);
    const header = { ...honest.header, cutHash: protocol.cutHash(cut) };
    await expectRefused({ header, cut, earlier: [], signature: await sign(header) }, { code: "malformed-cut" });
    await expectRefused(
      { ...honest, cut: honest.cut.map((block) => ({ ...block, number: 0, timestampSeconds: 1 })) },
      {
        code: "malformed-cut",
      },
    );
  });
});

describe("rule 3: this node's own transition gives the same", () => {
  test.each(["root", "riskVersion", "expiresAt"] as const)("error: another %s", async (field) => {
    const { header, ...rest } = await propose();
    const forged = {
      ...header,
      [field]: field === "root" ? `0x${"12".repeat(32)}` : header[field as "riskVersion"] + 1,
    };
    await expectRefused({ ...rest, header: forged, signature: await sign(forged) }, { code: "different-result" });
  });
});

describe("after a rotation", () => {
  const strangers = [5, 6, 7].map((digit) => `0x${`${digit}`.repeat(40)}` as const);
  const members = () => quorum.operators.map(({ address }) => address).sort();

  test("error: what the set before attested may be known to nobody, until it has expired", async () => {
    quorum.chains.rotatedFrom({ members: strangers, threshold: 2 });
    const untilSeconds = nowSeconds() + 2 * lifetimeSeconds;
    await expectRefused(await propose(), { code: "rotation-settling", untilSeconds });
    quorum.clock.advance(2 * lifetimeSeconds * 1000 - 1000);
    quorum.chains.mine();
    await expectRefused(await propose(), { code: "rotation-settling", untilSeconds });
    expect(await leadEpoch(proposer.context)).toEqual({ outcome: "not-ready", because: "rotation-settling" });
    quorum.clock.advance(1000);
    quorum.chains.mine(1, 2);
    await expectRefused(await propose(), { code: "rotation-settling", untilSeconds });
    quorum.chains.mine(3);
    await signed(await propose());
  });

  test("error: a cut from before the rotation, once this node's own final blocks show it", async () => {
    const { view } = follower.context;
    const proposal = await propose();
    const newest = { id: 2, threshold: 2, members: members() };
    const rotated = {
      ...view,
      operatorSetAt: (cut: Proposal["cut"]) => (cut === proposal.cut ? view.operatorSetAt(cut) : newest),
    };
    const answer = await createFollower({ ...follower.context, view: rotated })(proposal);
    expect(refusalOf(answer)).toEqual({ code: "wrong-operator-set", expected: 2 });
  });

  test("behavior: one of three in another's place needs the wait, one more or one less does not", async () => {
    const [a, b, c] = members();
    if (a === undefined || b === undefined || c === undefined) expect.unreachable();
    quorum.chains.rotatedFrom({ members: [a, b], threshold: 2 });
    quorum.chains.rotatedFrom({ members: [a, b, c, strangers[0] as typeof a], threshold: 3 });
    await signed(await propose());
    quorum.chains.rotatedFrom({ members: [a, b, strangers[0] as typeof a], threshold: 2 });
    await expectRefused(await propose({ epoch: 2 }), { code: "rotation-settling" });
  });
});

describe("a peer that is no member", () => {
  test("error: its signature makes no quorum, and is not posted", async () => {
    const [one, other] = [await propose(), await propose({ issuedAt: nowSeconds() - 1 })];
    await signed(one);
    // Whoever was voted out may still be among [[peers]].
    const stranger = privateKeyToAccount(strangersKey);
    const address = stranger.address.toLowerCase() as Address;
    Object.assign(follower.context.peers, { addresses: [...follower.context.peers.addresses, address] });
    const signature = await stranger.sign({ hash: protocol.digest(other.header) });
    await expectRefused({ ...other, signature }, { code: "epoch-not-higher" });

    const { context } = follower;
    const digest = protocol.digest(other.header);
    const input = { epoch: 1, operatorSetId: 1, issuedAt: other.header.issuedAt, earlier: [] };
    const { epoch } = await protocol.transition({ ...input, state: context.view.stateAt(other.cut) });
    context.store.saveVerified({ digest, proposal: other, proposer: proposer.address, epoch });
    await absorbSignatures(context, { epoch: 1, digest }, []);
    const summary = context.store.summary({ epoch: 1, digest }) ?? expect.unreachable();
    expect(summary.attestedAtMs).toBeNull();
    const { signatures } = attestationFor(context, summary, provable(epoch), 2);
    expect(signatures).toBe(joinSignatures([{ signer: proposer.address, signature: other.signature }]));
  });
});

describe("rule 4: outstanding epochs are counted", () => {
  test("error: one that this node signed is left out", async () => {
    const ref = await signed(await propose());
    quorum.clock.advance(interval);
    quorum.chains.mine();
    await expectRefused(await propose({ epoch: 2 }), { code: "missing-epochs", missing: [ref] });
  });

  test("behavior: what left it out is no less outstanding, and counted by a follower that leads next", async () => {
    const one = await signed(await propose());
    quorum.clock.advance(interval);
    quorum.chains.mine();
    const lacking = await propose({ epoch: 2 });
    await expectRefused(lacking, { code: "missing-epochs" });
    expect(await leadEpoch(follower.context)).toEqual({ outcome: "attested", epoch: 3 });
    const { store } = follower.context;
    const two = { epoch: 2, digest: protocol.digest(lacking.header) };
    expect(store.summary(two)).toMatchObject({ signedByMe: false, attestedAtMs: null });
    const led = store.content(store.numbered(3).map(refOf)[0] ?? expect.unreachable());
    expect(led?.proposal.earlier).toEqual([one, two]);
  });

  test("behavior: what left it out is computed once, however often it is sent", async () => {
    await signed(await propose());
    quorum.clock.advance(interval);
    quorum.chains.mine();
    const lacking = await propose({ epoch: 2 });
    const transition = vi.spyOn(follower.context.protocol, "transition");
    for (let time = 0; time < 3 * mostPerInterval; time++) await expectRefused(lacking, { code: "missing-epochs" });
    // Behind whatever is still to be decided.
    await follower.context.signing(async () => {});
    expect(transition).toHaveBeenCalledTimes(1);
    const two = { epoch: 2, digest: protocol.digest(lacking.header) };
    expect(follower.context.store.summary(two)).toMatchObject({ hasContent: true, signedByMe: false });
  });

  test("behavior: counted, it is signed", async () => {
    const ref = await signed(await propose());
    proposer.context.store.saveVerified(follower.context.store.content(ref) ?? expect.unreachable());
    await signed(await propose({ epoch: 2, earlier: [ref] }));
  });

  test("behavior: posted everywhere, older ones are forgotten, but not the posted one", async () => {
    const one = await signed(await propose());
    proposer.context.store.saveVerified(follower.context.store.content(one) ?? expect.unreachable());
    const two = await signed(await propose({ epoch: 2, earlier: [one] }));
    proposer.context.store.saveVerified(follower.context.store.content(two) ?? expect.unreachable());
    const { header } = follower.context.store.summary(two) ?? expect.unreachable();
    for (const eid of [1, 2, 3]) quorum.chains.post(eid, header);
    await expectRefused(
      await propose({ epoch: 4, earlier: [two] }).then((proposal) => ({ ...proposal, earlier: [] })),
      {
        code: "missing-epochs",
        missing: [two],
      },
    );
    await signed(await propose({ epoch: 4, earlier: [two] }));
  });

  test("behavior: an epoch nobody vouches for is computed before it is counted", async () => {
    const honest = await propose();
    const digest = protocol.digest(honest.header);
    const verified = { digest, proposal: honest, proposer: proposer.address };
    const state = proposer.context.view.stateAt(honest.cut);
    const input = { epoch: 1, operatorSetId: 1, issuedAt: honest.header.issuedAt, state, earlier: [] };
    proposer.context.store.saveVerified({ ...verified, epoch: (await protocol.transition(input)).epoch });
    await signed(await propose({ epoch: 2, earlier: [{ epoch: 1, digest }] }));
    expect(follower.context.store.summary({ epoch: 1, digest })).toMatchObject({
      signedByMe: false,
      attestedAtMs: null,
    });
  });

  test("behavior: and kept as it came out here, whatever was given beside its leaves", async () => {
    const honest = await propose();
    const digest = protocol.digest(honest.header);
    const state = proposer.context.view.stateAt(honest.cut);
    const input = { epoch: 1, operatorSetId: 1, issuedAt: honest.header.issuedAt, state, earlier: [] };
    const { epoch } = await protocol.transition(input);
    const nobody = new Map<AccountId, Allotment>();
    const chains = new Map(
      [...epoch.chains].map(([eid, chain]) => {
        const allotments = new Map(chain.allotments);
        if (allotments.size > 0) allotments.set(vault, nobody);
        return [eid, { ...chain, allotments }] as const;
      }),
    );
    const content = Buffer.from(protocol.encode({ ...epoch, chains })).toString("base64");
    proposer.context.store.saveVerified({ digest, proposal: honest, proposer: proposer.address, epoch });
    proposer.engine.epochRecords = () => [{ proposal: honest, content, signatures: [] }];
    await signed(await propose({ epoch: 2, earlier: [{ epoch: 1, digest }] }));
    const kept = follower.context.store.content({ epoch: 1, digest })?.epoch ?? expect.unreachable();
    expect(Buffer.from(protocol.encode(kept))).toEqual(Buffer.from(protocol.encode(epoch)));
  });

  test("error: a made-up earlier epoch", async () => {
    const honest = await propose();
    const state = proposer.context.view.stateAt(honest.cut);
    // Computed from a set of the proposer's own making: its header is signed, but nobody else gets that result.
    const made = (await protocol.transition({ epoch: 1, operatorSetId: 1, issuedAt: 1, state, earlier: [] })).epoch;
    const header = { ...made.header, expiresAt: made.header.expiresAt + 1_000_000 };
    const digest = protocol.digest(header);
    const proposal = { ...honest, header, signature: await sign(header) };
    proposer.context.store.saveVerified({ digest, proposal, proposer: proposer.address, epoch: { ...made, header } });
    await expectRefused(await propose({ epoch: 2, earlier: [{ epoch: 1, digest }] }), {
      code: "unverifiable-epoch",
      because: "different-result",
    });
  });

  test("error: an earlier epoch that nobody has", async () => {
    const ref = { epoch: 1, digest: `0x${"77".repeat(32)}` as Hex };
    const proposal = await propose({ epoch: 2 });
    await expectRefused({ ...proposal, earlier: [ref] }, { code: "unverifiable-epoch", because: "not-found" });
  });

  test("error: earlier epochs out of order, or not earlier", async () => {
    const proposal = await propose({ epoch: 2 });
    const ref = { epoch: 2, digest: protocol.digest(proposal.header) };
    await expectRefused({ ...proposal, earlier: [ref] }, { code: "not-computable" });
  });
});

describe("who and when", () => {
  test("error: proposed by somebody who is no operator, or not signed by the proposer", async () => {
    const { header, ...rest } = await propose();
    const stranger = privateKeyToAccount(`0x${"01".repeat(32)}`);
    const signature = await stranger.sign({ hash: protocol.digest(header) });
    await expectRefused({ header, ...rest, signature }, { code: "unknown-proposer" });
    await expectRefused({ header, ...rest, signature: `0x${"00".repeat(65)}` }, { code: "unknown-proposer" });
  });

  test("error: another operator set", async () => {
    await expectRefused(await propose({ operatorSetId: 2 }), { code: "wrong-operator-set", expected: 1 });
  });

  test.each([-31, 31])("error: issued %i seconds from now", async (seconds) => {
    await expectRefused(await propose({ issuedAt: nowSeconds() + seconds }), { code: "clock-skew" });
  });
});

test("behavior: two headers of one epoch by one member are kept as proof", async () => {
  await follower.engine.considerProposal(await propose());
  await follower.engine.considerProposal(await propose({ issuedAt: nowSeconds() - 1 }));
  expect(follower.context.store.equivocations()).toMatchObject([{ epoch: 1, signer: proposer.address }]);
});
