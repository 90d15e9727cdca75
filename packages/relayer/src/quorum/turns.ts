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

/** When a member may lead the next epoch: the leader an interval after the last began, each next one a time-out later. */
export function dueAtMs(
  lastStartMs: number,
  turn: number,
  { timing, patience }: Pick<Context, "timing" | "patience">,
): number {
  return lastStartMs + timing.epochIntervalMs + turn * patience.stretch(timing.leaderTimeoutMs);
}
