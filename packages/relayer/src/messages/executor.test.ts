import type { UndeliveredMessage } from "@plimsoll/indexer/undelivered";
import pino from "pino";
import type { Address, Hex } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "../../test/support/clock.ts";
import type { Intent, Outcome } from "../transactions/intent.ts";
import { messagesSchema } from "./config.ts";
import type { Delivery } from "./endpoint.ts";
import { createMessageExecutor } from "./executor.ts";

const operators = ["0xaa", "0xbb", "0xcc"] as const satisfies Address[];
const policy = messagesSchema.parse({});
const delivery: Delivery = { to: "0xee", data: "0x01", gas: 100_000n };
const message: UndeliveredMessage = {
  // The second operator's turn: 1 modulo 3.
  guid: `0x${"01".padStart(64, "0")}`,
  payloadHash: "0x0f",
  srcEid: 1,
  dstEid: 2,
  sentAtSeconds: 1_000,
  transactionHash: "0x0a",
  verifiedAtSeconds: 1_100,
};

let waiting: UndeliveredMessage[];
let outcomes: Map<string, Outcome>;
let sent: Intent[];
let lines: Record<string, unknown>[];
let prepared: Delivery | { refused: string };
beforeEach(() => {
  waiting = [message];
  outcomes = new Map();
  sent = [];
  lines = [];
  prepared = delivery;
});

function executorOf(me: Address, overrides: Partial<typeof policy> = {}) {
  const clock = manualClock(0);
  const executor = createMessageExecutor({
    ...{ policy: { ...policy, ...overrides }, clock, me, operators },
    log: pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    undelivered: (before) => waiting.filter(({ sentAtSeconds }) => sentAtSeconds <= before),
    destinations: new Map([
      [
        2,
        {
          name: "birch",
          endpoint: { prepare: async () => prepared },
          sender: {
            outcome: (key) => outcomes.get(key) ?? { outcome: "unknown" },
            async submit(intent) {
              sent.push(intent);
              const outcome: Outcome = { outcome: "pending", nonce: 0 };
              outcomes.set(intent.key, outcome);
              return outcome;
            },
          },
        },
      ],
    ]),
  });
  return async (atSeconds: number) => {
    clock.advance(atSeconds * 1_000 - clock.nowMs());
    await executor.turn();
  };
}

const mined = (succeeded: boolean): Outcome => ({
  ...{ outcome: "mined", nonce: 0, hash: "0x01" as Hex, blockNumber: 1, blockHash: "0x02" as Hex },
  ...{ succeeded, gasUsed: 1, feeWei: 1n },
});

describe("turns", () => {
  test("default: the operator whose turn it is executes what was left, once, with gas to spare", async () => {
    const turn = executorOf("0xbb");
    await turn(1_279);
    expect(sent).toEqual([]);
    await turn(1_280);
    await turn(1_300);
    expect(sent).toMatchObject([{ purpose: "deliver", to: "0xee", gasLimit: 125_000n, supersedes: false }]);
  });

  test.each([
    ["0xcc", 1_340],
    ["0xaa", 1_400],
  ] as const)("behavior: %s stands in at %d, after those before it", async (me, at) => {
    const turn = executorOf(me);
    await turn(at - 1);
    expect(sent).toEqual([]);
    await turn(at);
    expect(sent).toHaveLength(1);
  });

  test("behavior: what is not verified is nobody's turn, nor anything where it is turned off", async () => {
    waiting = [{ ...message, verifiedAtSeconds: null }];
    await executorOf("0xbb")(90_000);
    waiting = [message];
    await executorOf("0xbb", { executeAfterSeconds: 0 })(90_000);
    expect(sent).toEqual([]);
  });
});

describe("attempts", () => {
  test("behavior: one that was mined and failed is followed by another, five in all", async () => {
    const turn = executorOf("0xbb");
    for (let attempt = 0; attempt < 7; attempt++) {
      await turn(2_000 + attempt);
      const last = sent.at(-1);
      if (last !== undefined) outcomes.set(last.key, mined(false));
    }
    expect(sent).toHaveLength(5);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(5);
  });

  test("behavior: after one that succeeded there is none, though the index has not seen it yet", async () => {
    const turn = executorOf("0xbb");
    await turn(2_000);
    outcomes.set(sent[0]?.key ?? "", mined(true));
    await turn(2_015);
    expect(sent).toHaveLength(1);
  });

  test("behavior: nothing is sent for what the endpoint would refuse; it is said once, and tried again", async () => {
    const turn = executorOf("0xbb");
    prepared = { refused: "LZ_PayloadHashNotFound" };
    await turn(2_000);
    await turn(2_015);
    expect(sent).toEqual([]);
    expect(lines.filter(({ msg }) => msg === "message cannot be executed")).toHaveLength(1);
    prepared = delivery;
    await turn(2_030);
    expect(sent).toHaveLength(1);
  });
});

describe("overdue messages", () => {
  test("behavior: told of once, with what they wait for, and again whenever their age has doubled", async () => {
    waiting = [{ ...message, verifiedAtSeconds: null }];
    const turn = executorOf("0xaa");
    const told = () => lines.filter(({ msg }) => msg === "message overdue");
    await turn(1_000 + 1_799);
    expect(told()).toEqual([]);
    for (const age of [1_800, 1_815, 3_599]) await turn(1_000 + age);
    expect(told()).toMatchObject([{ waitsFor: "verification", ageSeconds: 1_800, srcEid: 1, dstEid: 2 }]);
    waiting = [message];
    await turn(1_000 + 3_600);
    expect(told()).toMatchObject([{ waitsFor: "verification" }, { waitsFor: "execution" }]);
  });
});
