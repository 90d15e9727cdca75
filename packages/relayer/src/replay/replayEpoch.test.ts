import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { salt } from "../../test/support/chains.ts";
import { interval, type TestOperator, type TestQuorum, testQuorum } from "../../test/support/operators.ts";
import { describeReplay } from "../commands/replay.ts";
import type { ChainView } from "../quorum/chainView.ts";
import { createProtocol } from "../quorum/createProtocol.ts";
import { readProposals } from "../rebuild/readProposals.ts";
import { ReplayError } from "./errors.ts";
import { type ReplayOptions, replayEpoch } from "./replayEpoch.ts";

let quorum: TestQuorum;
let operator: TestOperator;
beforeAll(async () => {
  quorum = testQuorum();
  for (const epoch of [1, 2, 3, 4, 5, 6]) {
    quorum.chains.mine();
    if (epoch === 3) quorum.chains.deposit(500n);
    quorum.clock.advance(interval);
    expect(await quorum.leaderOf(epoch).engine.turn()).toMatchObject({ outcome: "attested", epoch });
  }
  operator = quorum.leaderOf(6);
});
afterAll(() => quorum.close());

const options = (over: Partial<ReplayOptions> = {}): ReplayOptions => ({
  proposals: readProposals(operator.path),
  contentOf: (ref) => operator.context.store.content(ref)?.epoch ?? null,
  view: operator.context.view,
  protocol: createProtocol(salt),
  ...over,
});

/** The same chains, but for one deposit that is a third smaller from some block of the hub on. */
const otherView = (fromBlock: number): ChainView => ({
  ...operator.context.view,
  stateAt(cut) {
    const state = operator.context.view.stateAt(cut);
    if ((cut[0]?.number ?? 0) < fromBlock) return state;
    const totals = state.hub.ledger.get(1) ?? new Map();
    const less = new Map([...totals].map(([key, one]) => [key, { ...one, deposited: (one.deposited * 2n) / 3n }]));
    return { ...state, hub: { ...state.hub, ledger: new Map([[1, less]]) } };
  },
});

describe("replayEpoch", () => {
  test("default: every epoch comes out equal, from what is kept and from the first one on", async () => {
    for (const epoch of [1, 2, 3, 4, 5, 6]) {
      expect(await replayEpoch(epoch, options())).toMatchObject([{ recomputed: 0, difference: null }]);
    }
    const computed: number[] = [];
    const [deep] = await replayEpoch(6, options({ contentOf: () => null, onCompute: (epoch) => computed.push(epoch) }));
    if (deep === undefined) expect.unreachable();
    expect(deep.difference).toBeNull();
    // In an order in which each finds those that it builds on.
    expect(computed).toEqual(computed.toSorted((a, b) => a - b));
    expect(computed.at(-1)).toBe(6);
    expect(deep.recomputed).toBe(computed.length - 1);
    expect(deep.recomputed).toBeGreaterThan(0);
    expect(describeReplay(deep)).toContain(`equal: root ${deep.proposal.header.root}`);
  });

  test("behavior: the first difference is named, down to the leaf", async () => {
    const view = otherView(0);
    const [replayed] = await replayEpoch(6, options({ view }));
    if (replayed?.difference?.at == null) expect.unreachable();
    const { epoch, at, root } = replayed.difference;
    expect(epoch).toBe(6);
    expect(root.computed).not.toBe(root.onRecord);
    expect(at.path[0]).toBe("chainRoots");
    expect(describeReplay(replayed)).toMatch(/different: chainRoots > \d/);
  });

  test("behavior: when an earlier epoch comes out differently, that one is named", async () => {
    const first = readProposals(operator.path).find(({ header }) => header.epoch === 4)?.cut[0]?.number ?? 0;
    const [replayed] = await replayEpoch(6, options({ contentOf: () => null, view: otherView(first) }));
    if (replayed === undefined) expect.unreachable();
    const built = replayed.difference?.epoch ?? expect.unreachable();
    expect(built).toBeGreaterThanOrEqual(4);
    expect(built).toBeLessThan(6);
    // Only the header is on record, so its root is the first difference.
    expect(replayed.difference?.at?.path).toEqual(["root"]);
    expect(describeReplay(replayed)).toContain(`in epoch ${built}, on which it builds`);
  });

  test("behavior: another domainSalt is told from another result", async () => {
    const [replayed] = await replayEpoch(6, options({ protocol: createProtocol(`0x${"00".repeat(32)}`) }));
    expect(replayed?.difference).toMatchObject({ at: null });
    expect(replayed === undefined ? "" : describeReplay(replayed)).toContain("domainSalt");
  });

  test("error: ReplayError, an epoch that is not on record, nor one that it builds on, nor its cut", async () => {
    await expect(replayEpoch(7, options())).rejects.toThrow(ReplayError);
    const proposals = options().proposals.filter(({ header }) => header.epoch === 6);
    await expect(replayEpoch(6, options({ proposals, contentOf: () => null }))).rejects.toThrow(
      /is not on record here/,
    );
    const view: ChainView = { ...operator.context.view, checkBlock: () => "not-canonical" };
    await expect(replayEpoch(6, options({ view }))).rejects.toThrow(/block-not-canonical/);
  });
});
