import { parseEther } from "viem";
import { describe, expect, test } from "vitest";
import type { EpochSummary, Store } from "../store/store.ts";
import type { TransactionEvent } from "../transactions/events.ts";
import { addCollected } from "./collect.ts";
import { createMetrics } from "./metrics.ts";

const eid = 40001;
const peer = `0x${"c1".repeat(20)}` as const;
const hash = `0x${"01".repeat(32)}` as const;
const posting = {
  ...{ eid, epoch: 7, reason: "heartbeat", transactionHash: hash },
  ...{ blockNumber: 1, gasUsed: 90_000, postedAtMs: 1 },
};
const post = { eid, purpose: "post", nonce: 1, hash } as const;
const mined = { ...post, type: "mined", key: "post:7", blockNumber: 1, blockHash: hash } as const;
const transactions: readonly TransactionEvent[] = [
  { ...post, type: "sent", attempt: 0 },
  { ...post, type: "sent", attempt: 1 },
  { ...mined, succeeded: true, gasUsed: 90_000, feeWei: parseEther("0.001") },
  { ...mined, succeeded: false, gasUsed: 60_000, feeWei: parseEther("0.0005") },
  { type: "reopened", eid, nonce: 1 },
  { type: "taken", eid, nonce: 1 },
  { type: "refused", eid, purpose: "post", because: "budget" },
  { type: "rejected", eid, purpose: "post", nonce: 1 },
  { type: "capped", eid, nonce: 1, because: "fee-cap" },
  { type: "unreachable", eid, error: null },
  { type: "balance", eid, balanceWei: parseEther("1.5"), isLow: true },
];

/** Everything that a node tells, with something to tell of each. */
function all() {
  const metrics = createMetrics({ defaults: false, chains: [{ eid: 40001, name: "alder" }] });
  addCollected(metrics.registry, {
    chainStatus: () => [
      {
        eid: 40001,
        name: "alder",
        head: 120,
        headTimestampSeconds: 1_760_000_000,
        finalized: 100,
        indexed: 118,
        lagBlocks: 2,
        feedsReadTo: null,
        upcomingFeeds: [],
        ok: true,
        problem: null,
        halted: false,
      },
    ],
    endpoints: () => [
      {
        ...{ eid: 40001, chain: "alder", place: 1, host: "one:8545", inUse: true },
        ...{ latencyMs: 30, errorRate: 0.25, lastAnswerMs: 3_000, perSecond: 12 },
      },
      {
        ...{ eid: 40001, chain: "alder", place: 2, host: "two:8545", inUse: false },
        ...{ latencyMs: 0, errorRate: 1, lastAnswerMs: null, perSecond: null },
      },
    ],
    newestPosted: () => new Map([[40001, 7]]),
    newestAttested: () => ({ header: { epoch: 8, issuedAt: 1, expiresAt: 2 } }) as EpochSummary,
    equivocations: () => 1,
    messagesInFlight: () => [{ age: "under-5m", count: 3 }],
    depositsUnreported: () => new Map([[40001, 5]]),
    accounts: () => new Map([[0, 2] as const, [2, 1] as const]),
    peersSeen: () => [{ address: peer, lastAnswerMs: 2_000, problem: null }],
    openStreams: () => 4,
  });
  return metrics;
}

describe("createMetrics", () => {
  test("default: what happened is counted, by reason", async () => {
    const metrics = all();
    metrics.observe({ type: "turn" });
    metrics.observe({ type: "proposed", epoch: 1 });
    metrics.observe({ type: "signed", epoch: 1 });
    metrics.observe({ type: "refused", epoch: 2, code: "clock-skew" });
    metrics.observe({ type: "refused", epoch: 3, code: "clock-skew" });
    metrics.observe({ type: "refused-by-peer", epoch: 3, code: "different-result" });
    metrics.observe({ type: "not-ready", because: "quorum-unreachable" });
    metrics.observe({ type: "quorum", epoch: 1, tookMs: 400 });
    metrics.attested();
    metrics.answered(200, 0.01);
    metrics.counting({ recordPosting: () => {} } as unknown as Store).recordPosting(posting);
    for (const event of transactions) metrics.transaction(event);
    const text = await metrics.registry.metrics();
    const on = 'chain="alder",eid="40001"';
    const [one, other] = ["one", "two"].map((host, index) => `${on},endpoint="${index + 1}",host="${host}:8545"`);
    const lines = [
      "plimsoll_up 1",
      "plimsoll_epoch_loop_turns_total 1",
      "plimsoll_epochs_proposed_total 1",
      "plimsoll_epochs_signed_total 1",
      "plimsoll_epochs_attested_total 1",
      'plimsoll_signing_refusals_total{reason="clock-skew"} 2',
      'plimsoll_proposal_refusals_total{reason="different-result"} 1',
      'plimsoll_turns_not_ready_total{reason="quorum-unreachable"} 1',
      'plimsoll_quorum_seconds_bucket{le="0.25"} 0',
      'plimsoll_quorum_seconds_bucket{le="0.5"} 1',
      'plimsoll_api_requests_total{status="200"} 1',
      'plimsoll_api_seconds_bucket{le="0.005"} 0',
      'plimsoll_api_seconds_bucket{le="0.01"} 1',
      `plimsoll_chain_head_block{${on}} 120`,
      `plimsoll_chain_head_timestamp_seconds{${on}} 1760000000`,
      `plimsoll_chain_finalized_block{${on}} 100`,
      `plimsoll_chain_indexed_block{${on}} 118`,
      `plimsoll_chain_lag_blocks{${on}} 2`,
      `plimsoll_chain_ok{${on}} 1`,
      `plimsoll_chain_halted{${on}} 0`,
      `plimsoll_rpc_in_use{${one}} 1`,
      `plimsoll_rpc_in_use{${other}} 0`,
      `plimsoll_rpc_error_rate{${one}} 0.25`,
      `plimsoll_rpc_latency_seconds{${one}} 0.03`,
      `plimsoll_rpc_last_answer_timestamp_seconds{${one}} 3`,
      `plimsoll_rpc_last_answer_timestamp_seconds{${other}} 0`,
      `plimsoll_rpc_rate_limit{${one}} 12`,
      `plimsoll_deposits_unreported{${on}} 5`,
      `plimsoll_chain_posted_epoch{${on}} 7`,
      "plimsoll_epoch_newest 8",
      "plimsoll_epoch_issued_timestamp_seconds 1",
      "plimsoll_epoch_expires_timestamp_seconds 2",
      "plimsoll_equivocations 1",
      'plimsoll_messages_in_flight{age="under-5m"} 3',
      'plimsoll_accounts{status="active"} 2',
      'plimsoll_accounts{status="reduce-only"} 0',
      'plimsoll_accounts{status="liquidatable"} 1',
      'plimsoll_accounts{status="insolvent"} 0',
      `plimsoll_peer_last_answer_timestamp_seconds{peer="${peer}"} 2`,
      "plimsoll_live_streams 4",
      `plimsoll_posts_total{${on},reason="heartbeat"} 1`,
      `plimsoll_transactions_total{${on},event="sent"} 1`,
      `plimsoll_transactions_total{${on},event="replaced"} 1`,
      `plimsoll_transactions_total{${on},event="mined"} 1`,
      `plimsoll_transactions_total{${on},event="reverted"} 1`,
      `plimsoll_transactions_total{${on},event="reopened"} 1`,
      `plimsoll_transactions_total{${on},event="taken"} 1`,
      `plimsoll_transactions_total{${on},event="rejected"} 1`,
      `plimsoll_transactions_total{${on},event="unreachable"} 1`,
      `plimsoll_transactions_held_total{${on},because="budget"} 1`,
      `plimsoll_transactions_held_total{${on},because="fee-cap"} 1`,
      `plimsoll_gas_used_total{${on},purpose="post"} 150000`,
      `plimsoll_gas_fees_native_total{${on},purpose="post"} 0.0015`,
      `plimsoll_balance_native{${on}} 1.5`,
      `plimsoll_balance_low{${on}} 1`,
    ];
    for (const line of lines) expect(text.split("\n"), line).toContain(line);
    expect(text).not.toContain(`plimsoll_rpc_rate_limit{${other}}`);
    // Nobody adds one without saying here what it should be.
    const tested = new Set(lines.map((line) => line.replace(/(_bucket)?(\{.*)? .*$/, "")));
    expect(metrics.registry.getMetricsAsArray().map(({ name }) => name)).toSatisfy((names: string[]) =>
      names.every((name) => tested.has(name)),
    );
  });

  test("behavior: a chain that is not configured is told by its eid, and a post is recorded before it is counted", async () => {
    const metrics = createMetrics({ defaults: false, chains: [] });
    const failing = { recordPosting: () => expect.unreachable("disk full") } as unknown as Store;
    expect(() => metrics.counting(failing).recordPosting(posting)).toThrow("disk full");
    expect(await metrics.registry.metrics()).not.toContain("plimsoll_posts_total{");
    metrics.transaction({ type: "balance", eid: 7, balanceWei: 0n, isLow: false });
    expect(await metrics.registry.metrics()).toContain('plimsoll_balance_low{chain="7",eid="7"} 0');
  });

  test("behavior: with Node's own metrics, memory and event loop are told", async () => {
    const text = await createMetrics({ defaults: true, chains: [] }).registry.metrics();
    expect(text).toContain("process_resident_memory_bytes ");
    expect(text).toContain("nodejs_eventloop_lag_seconds ");
  });
});
