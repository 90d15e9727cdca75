import type { AttestationJson } from "@plimsoll/protocol/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { type ManualClock, manualClock } from "../../test/support/clock.ts";
import type { Intent, Outcome } from "../transactions/intent.ts";
import type { Sender } from "../transactions/sender.ts";
import type { PostingChain } from "./chain.ts";
import type { Simulated } from "./contract.ts";
import { createSenderChain } from "./senderChain.ts";

const patienceMs = 1_000;
const trustPoolMs = 5_000;
const zero = `0x${"00".repeat(32)}` as const;

let clock: ManualClock;
let chain: PostingChain;
let onChain: number | null;
let answers: { latest: Simulated; pending: Simulated };
let outcomes: Map<string, Outcome>;
let sent: Intent[];
let abandoned: string[];

const attestation = (epoch: number): AttestationJson => ({
  header: { epoch, operatorSetId: 1, root: zero, cutHash: zero, riskVersion: 1, issuedAt: 10, expiresAt: 60 },
  chainRoot: zero,
  chainPath: [],
  signatures: "0x",
});
const mined = (succeeded: boolean): Outcome => ({
  ...{
    outcome: "mined",
    nonce: 1,
    hash: zero,
    blockNumber: 7,
    blockHash: zero,
    succeeded,
    gasUsed: 55_000,
    feeWei: 1n,
  },
});

beforeEach(() => {
  clock = manualClock(1_000_000);
  onChain = null;
  answers = { latest: { gas: 100_000n }, pending: { gas: 100_000n } };
  outcomes = new Map();
  sent = [];
  abandoned = [];
  const sender: Sender = {
    address: `0x${"aa".repeat(20)}`,
    submit: async () => expect.unreachable(),
    async send(intent) {
      sent.push(intent);
      return outcomes.get(intent.key) ?? { outcome: "pending", nonce: 1 };
    },
    wait: async (key) => outcomes.get(key) ?? { outcome: "unknown" },
    outcome: (key) => outcomes.get(key) ?? { outcome: "unknown" },
    shareSpent: () => 0,
    abandon(isUnneeded) {
      for (const key of ["post:3", "post:9"]) if (isUnneeded("post", key)) abandoned.push(key);
      expect(isUnneeded("report", "report:1")).toBe(false);
    },
    tend: async () => {},
    run: async () => {},
  };
  chain = createSenderChain({
    ...{ eid: 1, name: "test", sender, clock, patienceMs, trustPoolMs },
    contract: {
      address: `0x${"cc".repeat(20)}`,
      newestEpoch: async () => onChain,
      simulate: async (_, at) => answers[at],
      encode: () => "0x1234",
    },
  });
});

describe("a chain posted to by transactions", () => {
  test("default: simulates against the pool, leaves gas to spare, and says what came of it", async () => {
    outcomes.set("post:5", mined(true));
    expect(await chain.post(attestation(5))).toEqual({
      ...{ outcome: "posted", transactionHash: zero, blockNumber: 7, gasUsed: 55_000 },
    });
    expect(sent).toMatchObject([
      { key: "post:5", purpose: "post", supersedes: true, gasLimit: 125_000n, expiresAtMs: 60_000 },
    ]);
  });

  test("behavior: one that waits already is waited for, not sent again", async () => {
    outcomes.set("post:5", { outcome: "pending", nonce: 1 });
    answers.pending = { revert: "StaleEpoch" };
    expect(await chain.post(attestation(5))).toEqual({ outcome: "not-yet", because: "pending" });
    expect(sent).toEqual([]);
  });

  test("behavior: somebody else's post in the pool saves ours, until it has been there too long", async () => {
    answers.pending = { revert: "StaleEpoch" };
    expect(await chain.post(attestation(5))).toEqual({ outcome: "not-yet", because: "pending-elsewhere" });
    clock.advance(trustPoolMs - 1);
    expect(await chain.post(attestation(5))).toEqual({ outcome: "not-yet", because: "pending-elsewhere" });
    expect(sent).toEqual([]);
    clock.advance(1);
    await chain.post(attestation(5));
    expect(sent).toHaveLength(1);
  });

  test("behavior: what the chain has already is stale, and our own older ones are given up", async () => {
    onChain = 5;
    answers.pending = { revert: "StaleEpoch" };
    expect(await chain.post(attestation(5))).toEqual({ outcome: "stale" });
    expect(abandoned).toEqual(["post:3"]);
  });

  test("behavior: a post that reverted came too late; one that was refused is tried again", async () => {
    outcomes.set("post:5", mined(false));
    expect(await chain.post(attestation(5))).toEqual({ outcome: "stale" });
    outcomes.set("post:5", { outcome: "refused", because: "budget" });
    expect(await chain.post(attestation(5))).toEqual({ outcome: "not-yet", because: "budget" });
  });

  test.each([
    ["IssuedInFuture", "not-yet"],
    ["UnknownOperatorSet", "not-yet"],
    ["InvalidChainPath", "refused"],
  ])("behavior: %s is %s, and no gas is spent on it", async (revert, outcome) => {
    answers.pending = { revert };
    expect(await chain.post(attestation(5))).toEqual({ outcome, because: revert });
    expect(sent).toEqual([]);
  });
});
