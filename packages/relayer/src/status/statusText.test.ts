import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import type { NodeStatus } from "../api/status.ts";
import { NodeUnreachableError } from "./errors.ts";
import { fetchStatus } from "./fetchStatus.ts";
import { describeStatus } from "./statusText.ts";

const chain = {
  ...{ eid: 40001, name: "alder", head: 120, finalized: 100, indexed: 118, lagBlocks: 2, blocksPerSecond: 1 },
  ...{ secondsLeft: 2, postedEpoch: 7, upcomingFeeds: [], ok: true, halted: false, problem: null },
};
const peer = { address: `0x${"c1".repeat(20)}`, lastAnswerSecondsAgo: 3, problem: null };
const well: NodeStatus = {
  ...{ operator: `0x${"c0".repeat(20)}`, version: "1.2.3", upSeconds: 3_725, draining: false },
  ...{ epoch: 8, epochAgeSeconds: 12, highestSigned: 8, streams: 4, chains: [chain], peers: [peer] },
};

describe("describeStatus", () => {
  test("default: chains, epochs and peers, in columns", () => {
    const { text, problems } = describeStatus(well);
    expect(problems).toEqual([]);
    expect(text.split("\n")).toEqual([
      `operator ${well.operator}, version 1.2.3, up 1 h 2 min`,
      "epoch 8, 12 s old; signed up to 8; 4 live streams",
      "",
      "chain  eid    head  final  indexed  behind  left  posted  state",
      "alder  40001  120   100    118      2       2 s   7       ok",
      "",
      "peer                                        answered  problem",
      `${peer.address}  3 s ago`,
    ]);
  });

  test("behavior: tells how far the histories of upcoming price feeds are, and which the registry may name", () => {
    const [half, whole] = [`0x${"fe".repeat(20)}`, `0x${"ff".repeat(20)}`];
    const upcomingFeeds = [
      { feed: half, readTo: 40, isRead: false },
      { feed: whole, readTo: 99, isRead: true },
    ];
    const { text, problems } = describeStatus({ ...well, chains: [{ ...chain, upcomingFeeds }] });
    expect(problems).toEqual([]);
    expect(text.split("\n").slice(6, 9)).toEqual([
      "upcoming price feed                         chain  read to  state",
      `${half}  alder  40       60 blocks left`,
      `${whole}  alder  99       read: may be named`,
    ]);
  });

  test("behavior: a node that has just started promises nothing and complains of nothing", () => {
    const young = { ...chain, head: -1, finalized: -1, indexed: -1, secondsLeft: null, postedEpoch: null };
    const { text, problems } = describeStatus({ ...well, epoch: null, epochAgeSeconds: null, chains: [young] });
    expect(problems).toEqual([]);
    expect(text).toContain("no epoch yet");
    expect(text).toMatch(/alder {2}40001 {2}- +- +- +2 +\? +- +ok/);
  });

  test("behavior: a node that is up and has had no epoch for ten minutes is not well, unless it is catching up", () => {
    const without = { ...well, epoch: null, epochAgeSeconds: null };
    expect(describeStatus(without).problems).toEqual([
      expect.stringContaining("no epoch since the start 1 h 2 min ago"),
    ]);
    expect(describeStatus({ ...without, upSeconds: 599 }).problems).toEqual([]);
    expect(describeStatus({ ...without, chains: [{ ...chain, secondsLeft: 600 }] }).problems).toEqual([]);
  });

  test.each([
    [
      "a chain that cannot be read",
      { chains: [{ ...chain, ok: false, problem: "403" }] },
      "alder cannot be followed: 403",
    ],
    ["a chain that broke its finality", { chains: [{ ...chain, ok: false, halted: true }] }, "alder halted: it broke"],
    ["a peer that does not answer", { peers: [{ ...peer, problem: "did not answer" }] }, "did not answer"],
    ["an epoch that is old", { epochAgeSeconds: 601 }, "is a quorum of operators up?"],
  ])("behavior: %s is a problem", (_, over, problem) => {
    const { problems } = describeStatus({ ...well, ...over });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

describe("what others said", () => {
  test("behavior: a peer's or a provider's words write no lines of their own on a terminal, and clear none", () => {
    const said = "\u001b[2Jdown\nall is well\u009b1A";
    const { text, problems } = describeStatus({
      ...well,
      chains: [{ ...chain, ok: false, problem: said }],
      peers: [{ ...peer, problem: said }],
    });
    expect(`${text.split("\n").join("")}${problems.join("")}`).not.toMatch(/\p{Cc}/u);
    expect(text.split("\n")).toHaveLength(describeStatus(well).text.split("\n").length);
    expect(problems).toEqual([
      expect.stringContaining("[2Jdown; all is well"),
      expect.stringContaining("[2Jdown; all"),
    ]);
  });
});

describe("fetchStatus", () => {
  test("default: what the node says; error: NodeUnreachableError, whatever else is there", async () => {
    let answer: [number, string] = [200, JSON.stringify(well)];
    const server = createServer((_, response) => response.writeHead(answer[0]).end(answer[1])).listen(0, "127.0.0.1");
    await once(server, "listening");
    const listening = server.address();
    const url = `http://127.0.0.1:${typeof listening === "object" && listening ? listening.port : 0}`;
    try {
      expect(await fetchStatus(url)).toEqual(well);
      for (answer of [
        [503, "{}"],
        [200, "{}"],
        [200, "<html>"],
      ] as [number, string][]) {
        await expect(fetchStatus(url)).rejects.toThrow(NodeUnreachableError);
      }
    } finally {
      server.close();
    }
    await expect(fetchStatus(url)).rejects.toMatchObject({ exitCode: 1 });
  });
});
