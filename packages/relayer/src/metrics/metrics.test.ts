import { describe, expect, test } from "vitest";
import type { EpochSummary, Store } from "../store/store.ts";
import { addCollected } from "./collect.ts";
import { createMetrics } from "./metrics.ts";

function all() {
  const metrics = createMetrics({ defaults: false });
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
        ok: true,
        problem: null,
        halted: false,
      },
    ],
    newestPosted: () => new Map([[40001, 7]]),
    newestAttested: () => ({ header: { epoch: 8, issuedAt: 1, expiresAt: 2 } }) as EpochSummary,
    equivocations: () => 0,
    messagesInFlight: () => [{ age: "under-5m", count: 3 }],
    accounts: () => [{ status: 0 }, { status: 0 }, { status: 2 }] as never,
    balances: () => [{ chain: "alder", eid: 40001, native: 1.5 }],
    peersSeen: () => [{ address: `0x${"c1".repeat(20)}`, lastAnswerMs: 2_000, problem: null }],
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
    const text = await metrics.registry.metrics();
    for (const line of [
      "plimsoll_epochs_proposed_total 1",
      "plimsoll_epochs_signed_total 1",
      "plimsoll_epochs_attested_total 1",
      'plimsoll_signing_refusals_total{reason="clock-skew"} 2',
      'plimsoll_proposal_refusals_total{reason="different-result"} 1',
      'plimsoll_turns_not_ready_total{reason="quorum-unreachable"} 1',
      'plimsoll_quorum_seconds_bucket{le="0.5"} 1',
      'plimsoll_api_requests_total{status="200"} 1',
      'plimsoll_chain_head_block{chain="alder",eid="40001"} 120',
      'plimsoll_chain_finalized_block{chain="alder",eid="40001"} 100',
      'plimsoll_chain_indexed_block{chain="alder",eid="40001"} 118',
      'plimsoll_chain_lag_blocks{chain="alder",eid="40001"} 2',
      'plimsoll_chain_posted_epoch{eid="40001"} 7',
      "plimsoll_epoch_newest 8",
      'plimsoll_messages_in_flight{age="under-5m"} 3',
      'plimsoll_accounts{status="active"} 2',
      'plimsoll_accounts{status="reduce-only"} 0',
      'plimsoll_accounts{status="liquidatable"} 1',
      'plimsoll_balance_native{chain="alder",eid="40001"} 1.5',
      "plimsoll_live_streams 4",
    ]) {
      expect(text.split("\n"), line).toContain(line);
    }
  });

  test("behavior: a post is counted once it is recorded, with its gas", async () => {
    const metrics = all();
    const recorded: unknown[] = [];
    const store = metrics.counting({ recordPosting: (row: unknown) => recorded.push(row) } as unknown as Store);
    const transactionHash = `0x${"01".repeat(32)}` as const;
    const row = { eid: 40001, epoch: 7, reason: "heartbeat", transactionHash, blockNumber: 1, gasUsed: 90_000 };
    store.recordPosting({ ...row, postedAtMs: 1 });
    const text = await metrics.registry.metrics();
    expect(recorded).toHaveLength(1);
    expect(text).toContain('plimsoll_posts_total{eid="40001",reason="heartbeat"} 1');
    expect(text).toContain('plimsoll_post_gas_total{eid="40001"} 90000');
  });
});
