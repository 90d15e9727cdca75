import type { Epoch, InstrumentPrices } from "@plimsoll/protocol/epoch";
import type { Eid } from "@plimsoll/protocol/ids";
import { sameAllotment, sameWithdrawable } from "@plimsoll/protocol/same-leaf";
import { speaksTo } from "@plimsoll/protocol/transition/path";

export interface PostingPolicy {
  /** Post when a mark moved by more than this share of itself. */
  readonly deviationBps: number;
  /** Post when the newest epoch on the chain was issued longer ago than this. */
  readonly heartbeatSeconds: number;
}

export type PostingReason = "first" | "accounts" | "withdrawals" | "instruments" | "deviation" | "heartbeat";

/** Judges two epochs for one chain: why the later one is worth its gas there at a time; null while it is not. */
export type PostingJudgement = (nowSeconds: number) => PostingReason | null;

/**
 * Why an epoch is worth its gas on a chain, judged against the one posted there. What every account may do is compared
 * here, once; the answer only asks for the time.
 *
 * @param posted null when nothing is posted, or what is posted is not known here any more.
 */
export function judgePosting(eid: Eid, posted: Epoch | null, next: Epoch, policy: PostingPolicy): PostingJudgement {
  if (posted === null) return () => "first";
  const before = posted.chains.get(eid);
  const after = next.chains.get(eid);
  // An epoch that has to be silent on a chain would take its leaves away and give nothing. One that has nothing more to say
  // there takes back what could leave by exit, and is posted.
  const mustBeSilent = after === undefined || (after.vault === null && after.allotments.size === 0);
  if (speaksTo(posted, eid) && !speaksTo(next, eid) && mustBeSilent) return () => null;
  if (after !== undefined) {
    if (!sameMap(before?.allotments, after.allotments, (a, b) => sameMap(a, b, sameAllotment))) return () => "accounts";
    if (!sameMap(before?.withdrawals, after.withdrawals, sameWithdrawable)) return () => "withdrawals";
    if (after.allotments.size > 0) {
      const reason = instrumentReason(posted, next, policy.deviationBps);
      if (reason !== null) return () => reason;
    }
  }
  const dueSeconds = posted.header.issuedAt + policy.heartbeatSeconds;
  return (nowSeconds) => (nowSeconds >= dueSeconds ? "heartbeat" : null);
}

function instrumentReason(posted: Epoch, next: Epoch, deviationBps: number): PostingReason | null {
  if (!sameMap(posted.instruments, next.instruments, sameTerms)) return "instruments";
  for (const [id, { mark }] of next.instruments) {
    const old = posted.instruments.get(id)?.mark ?? 0n;
    const moved = mark > old ? mark - old : old - mark;
    if (moved * 10_000n > old * BigInt(deviationBps)) return "deviation";
  }
  return null;
}

/** Same but for the price: as tradable, settled or not, and under as many scenarios. */
const sameTerms = (a: InstrumentPrices, b: InstrumentPrices): boolean =>
  a.status === b.status && a.settlement === b.settlement && a.prices.length === b.prices.length;

function sameMap<K, V>(a: ReadonlyMap<K, V> | undefined, b: ReadonlyMap<K, V>, same: (a: V, b: V) => boolean): boolean {
  if (a === undefined || a.size !== b.size) return false;
  for (const [key, value] of b) {
    const other = a.get(key);
    if (other === undefined || !same(other, value)) return false;
  }
  return true;
}
