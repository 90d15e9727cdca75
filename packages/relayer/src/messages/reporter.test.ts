import type { ReportUnderWay, UnreportedCollateral } from "@plimsoll/indexer/unreported";
import { makeAccountId } from "@plimsoll/protocol/account";
import pino from "pino";
import type { Address, Hex } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "../../test/support/clock.ts";
import type { Intent, Outcome, RefusedBecause } from "../transactions/intent.ts";
import { messagesSchema } from "./config.ts";
import { createReporter } from "./reporter.ts";
import type { ReportCall } from "./vaultReports.ts";

const operators = ["0xaa", "0xbb", "0xcc"] as const satisfies Address[];
const policy = messagesSchema.parse({});
const call: ReportCall = { to: "0xee", data: "0x01", valueWei: 7n, gasLimit: 100_000n };
// The second operator's turn: 1 modulo 3.
const account: Hex = `0x${"01".padStart(64, "0")}`;
const gap: UnreportedCollateral = {
  ...{ eid: 2, account, knownSequence: 4, sinceSeconds: 1_000, indexedNumber: 50, underWay: [] },
};
const underWay: ReportUnderWay = { guid: "0x0a", nonce: 9n, srcEid: 2, sender: "0x0b", receiver: "0x0c" };

let late: UnreportedCollateral[];
let outcomes: Map<string, Outcome>;
let sent: Intent[];
let refusedBecause: RefusedBecause | null;
let prepared: ReportCall | { refused: string };
let arriving: Hex[];
let heard: number;
let lines: Record<string, unknown>[];
beforeEach(() => {
  late = [gap];
  outcomes = new Map();
  sent = [];
  refusedBecause = null;
  prepared = call;
  arriving = [];
  heard = 4;
  lines = [];
});

function reporterOf(me: Address) {
  const clock = manualClock(0);
  const reporter = createReporter({
    ...{ policy, clock, me, operators },
    log: pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    unreported: (before) => late.filter(({ sinceSeconds }) => sinceSeconds <= before),
    hub: {
      sequence: async () => heard,
      canArrive: async ({ guid }) => arriving.includes(guid),
    },
    chains: new Map([
      [
        2,
        {
          name: "birch",
          prepare: async () => prepared,
          sender: {
            outcome: (key) => outcomes.get(key) ?? { outcome: "unknown" },
            abandon(isUnneeded) {
              for (const [key, { outcome }] of outcomes)
                if (outcome === "pending" && isUnneeded("report", key)) outcomes.set(key, { outcome: "unknown" });
            },
            async submit(intent) {
              sent.push(intent);
              const outcome: Outcome =
                refusedBecause === null
                  ? { outcome: "pending", nonce: 0 }
                  : { outcome: "refused", because: refusedBecause };
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
    await reporter.turn();
    return reporter.behind().get(2);
  };
}

const minedAt = (blockNumber: number): Outcome => ({
  ...{ outcome: "mined", nonce: 0, hash: "0x01", blockNumber, blockHash: "0x02" },
  ...{ succeeded: true, gasUsed: 1, feeWei: 1n },
});

describe("turns", () => {
  test.each([
    ["0xbb", 1_900],
    ["0xcc", 1_960],
    ["0xaa", 2_020],
  ] as const)("default: %s reports at %d, once", async (me, at) => {
    const turn = reporterOf(me);
    await turn(at - 1);
    expect(sent).toEqual([]);
    expect(await turn(at)).toBe(1);
    await turn(at + 60);
    expect(sent).toMatchObject([{ purpose: "report", to: "0xee", valueWei: 7n, gasLimit: 100_000n }]);
  });

  test("behavior: while a report can still arrive none is sent, for another one would wait behind it", async () => {
    const turn = reporterOf("0xbb");
    late = [{ ...gap, underWay: [underWay] }];
    arriving = [underWay.guid];
    await turn(90_000);
    expect(sent).toEqual([]);
    arriving = [];
    await turn(90_060);
    expect(sent).toHaveLength(1);
  });

  test("behavior: what the hub has heard by now, though the index does not know it yet, is not reported", async () => {
    heard = 5;
    await reporterOf("0xbb")(90_000);
    expect(sent).toEqual([]);
  });
});

describe("attempts", () => {
  test("behavior: after one that was mined the index is waited for, then it is tried again, three times in all", async () => {
    const turn = reporterOf("0xbb");
    for (let attempt = 0; attempt < 5; attempt++) {
      await turn(3_000 + 120 * attempt);
      const last = sent.at(-1)?.key ?? "";
      outcomes.set(last, minedAt(51));
      await turn(3_060 + 120 * attempt);
      expect(sent.at(-1)?.key).toBe(last);
      outcomes.set(last, minedAt(50));
    }
    expect(new Set(sent.map(({ key }) => key)).size).toBe(3);
    expect(sent).toHaveLength(3);
  });

  test("behavior: a gap that has closed takes back what is still on its way, and the next one is another", async () => {
    const turn = reporterOf("0xbb");
    await turn(3_000);
    late = [{ ...gap, knownSequence: 5, sinceSeconds: 2_500 }];
    heard = 5;
    expect(await turn(3_060)).toBe(0);
    expect([...outcomes.values()]).toEqual([{ outcome: "unknown" }]);
    await turn(3_400);
    expect(sent.map(({ key }) => key)).toEqual([`report:${account}:4:0`, `report:${account}:5:0`]);
  });

  test("behavior: nothing is sent for what the vault would refuse; it is said once", async () => {
    const turn = reporterOf("0xbb");
    prepared = { refused: "NoPeer" };
    await turn(2_000);
    await turn(2_060);
    expect(sent).toEqual([]);
    expect(lines.filter(({ msg }) => msg === "deposit cannot be reported")).toMatchObject([{ because: "NoPeer" }]);
    prepared = call;
    await turn(2_120);
    expect(sent).toHaveLength(1);
  });

  test("behavior: once the budget is used up a chain is left alone until the next look", async () => {
    const turn = reporterOf("0xbb");
    late = [1n, 2n, 3n].map((sub) => ({ ...gap, account: makeAccountId(`0x${"00".repeat(20)}`, sub * 3n + 1n) }));
    refusedBecause = "budget";
    expect(await turn(3_000)).toBe(3);
    expect(sent).toHaveLength(1);
    refusedBecause = null;
    await turn(3_060);
    expect(sent).toHaveLength(4);
  });
});
