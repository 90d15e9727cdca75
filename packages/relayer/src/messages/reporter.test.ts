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
import { worthAt } from "./worth.ts";

const operators = ["0xaa", "0xbb", "0xcc"] as const satisfies Address[];
const policy = messagesSchema.parse({});
const call: ReportCall = { to: "0xee", data: "0x01", valueWei: 7n, gasLimit: 100_000n };
// The second operator's turn: 1 modulo 3.
const account: Hex = `0x${"01".padStart(64, "0")}`;
const gap: UnreportedCollateral = {
  ...{ eid: 2, account, knownSequence: 4, sinceBlock: 40, sinceSeconds: 1_000, indexedNumber: 50 },
  amounts: [{ asset: "0xdd", amount: 20n }],
};
/** The second operator's turn, too. */
const accountOf = (index: number) => makeAccountId(`0x${"00".repeat(20)}`, BigInt(index) * 3n + 1n);
const dollars = (amount: number) => [{ asset: "0xdd", amount: BigInt(amount) }] as const;
const underWay: ReportUnderWay = { guid: "0x0a", nonce: 9n, srcEid: 2, sender: "0x0b", receiver: "0x0c" };

let late: UnreportedCollateral[];
let outcomes: Map<string, Outcome>;
let sent: Intent[];
let refusedBecause: RefusedBecause | null;
let prepared: ReportCall | { refused: string };
let onTheWay: ReportUnderWay[];
let arriving: Hex[];
let spent: number;
let heard: number;
let lines: Record<string, unknown>[];
beforeEach(() => {
  late = [gap];
  outcomes = new Map();
  sent = [];
  refusedBecause = null;
  prepared = call;
  onTheWay = [];
  arriving = [];
  spent = 0;
  heard = 4;
  lines = [];
});

function reporterOf(me: Address) {
  const clock = manualClock(0);
  const reporter = createReporter({
    ...{ policy, clock, me, operators },
    log: pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    unreported: (before) => late.filter(({ sinceSeconds }) => sinceSeconds <= before),
    // A dollar a unit.
    worth: () => worthAt(new Map([["2:0xdd", { priceE8: 10n ** 8n, decimals: 0 }]])),
    underWay: () => onTheWay,
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
            shareSpent: () => spent,
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
    onTheWay = [underWay];
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
    late = [1, 2, 3].map((index) => ({ ...gap, account: accountOf(index) }));
    refusedBecause = "budget";
    expect(await turn(3_000)).toBe(3);
    expect(sent).toHaveLength(1);
    refusedBecause = null;
    await turn(3_060);
    expect(sent).toHaveLength(4);
  });
});

describe("fairness", () => {
  const keyOf = (index: number) => `report:${accountOf(index)}:4:0`;

  test("behavior: dust is its owner's to report: nothing is sent, and nobody is woken for it", async () => {
    late = [{ ...gap, amounts: dollars(19) }];
    expect(await reporterOf("0xbb")(90_000)).toBe(0);
    late = [{ ...gap, amounts: [{ asset: "0xee", amount: 10n ** 30n }] }];
    expect(await reporterOf("0xbb")(90_000)).toBe(0);
    expect(sent).toEqual([]);
  });

  test("behavior: what is worth most, times how long it has waited, comes first", async () => {
    late = [
      { ...gap, account: accountOf(1), amounts: dollars(50) },
      { ...gap, account: accountOf(2), amounts: dollars(100), sinceSeconds: 2_000 },
      { ...gap, account: accountOf(3), amounts: dollars(5_000), sinceSeconds: 2_500 },
      { ...gap, account: accountOf(4), amounts: dollars(200) },
    ];
    await reporterOf("0xbb")(4_000);
    expect(sent.map(({ key }) => key)).toEqual([3, 4, 2, 1].map(keyOf));
  });

  test("behavior: the more of the budget is gone, the more a deposit has to be worth", async () => {
    const worth = [20, 639, 640, 20_479, 20_480];
    late = worth.map((one, index) => ({ ...gap, account: accountOf(index), amounts: dollars(one) }));
    const reported = async (share: number) => {
      spent = share;
      sent = [];
      outcomes.clear();
      await reporterOf("0xbb")(4_000);
      return sent.map(({ key }) => worth[worth.findIndex((_, index) => key === keyOf(index))]);
    };
    expect(await reported(0)).toEqual(worth.toReversed());
    expect(await reported(0.5)).toEqual([20_480, 20_479, 640]);
    expect(await reported(1)).toEqual([20_480]);
  });

  test("behavior: many that are asked about in vain keep the next ones waiting for one look", async () => {
    late = Array.from({ length: 150 }, (_, index) => ({ ...gap, account: accountOf(index), amounts: dollars(300) }));
    late.push({ ...gap, account: accountOf(200), amounts: dollars(290) });
    prepared = { refused: "NoPeer" };
    const turn = reporterOf("0xbb");
    await turn(4_000);
    prepared = call;
    await turn(4_060);
    const asked = lines.filter(({ msg }) => msg === "deposit cannot be reported").map((line) => line["account"]);
    expect(asked).toHaveLength(100);
    expect(sent).toHaveLength(20);
    expect(sent.filter(({ key }) => asked.some((one) => key === `report:${one}:4:0`))).toEqual([]);
  });
});
