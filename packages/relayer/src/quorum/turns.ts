import type { Address } from "viem";
import type { Context } from "./context.ts";

/**
 * How many others come before a member to lead an epoch: 0 for the leader itself, member `epoch mod n`.
 *
 * @param members ascending.
 * @returns null for somebody who is no member.
 */
export function turnOf(member: Address, epoch: number, members: readonly Address[]): number | null {
  const index = members.indexOf(member);
  if (index < 0) return null;
  const count = members.length;
  return (index - (epoch % count) + count) % count;
}

/** What a member knows of the past, and of its place, when it reckons its next turn. */
export interface Place {
  /** When the newest number became known, whoever began it. */
  readonly lastStartMs: number;
  /** When this member led last itself, or began to run. */
  readonly lastLedMs: number;
  readonly turn: number;
  readonly members: number;
}

/**
 * When a member may lead the next epoch: the leader an interval after the last began, each next one a time-out later. But no
 * later than a slow round after it led last itself, whatever others began: who proposes out of turn ever anew, and keeps to itself
 * what the others sign, or has them sign old cuts, would hold everybody off for good.
 */
export function dueAtMs(
  { lastStartMs, lastLedMs, turn, members }: Place,
  { timing, patience }: Pick<Context, "timing" | "patience">,
): number {
  const timeoutMs = patience.stretch(timing.leaderTimeoutMs);
  const roundMs = members * (timing.epochIntervalMs + 2 * timeoutMs);
  return Math.min(lastStartMs + timing.epochIntervalMs, lastLedMs + roundMs) + turn * timeoutMs;
}
