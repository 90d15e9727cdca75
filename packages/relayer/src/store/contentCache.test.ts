import { type Hex, pad, toHex } from "viem";
import { describe, expect, test } from "vitest";
import { createContentCache } from "./contentCache.ts";
import type { VerifiedEpoch } from "./store.ts";

const digestOf = (epoch: number): Hex => pad(toHex(epoch));
/** As far as the cache looks. */
const verified = (epoch: number) => ({ digest: digestOf(epoch), proposal: { header: { epoch } } }) as VerifiedEpoch;

describe("createContentCache", () => {
  test("default: what every epoch asks for stays, what none does goes, long before there are too many", () => {
    const cache = createContentCache(64);
    const outstanding = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    for (const epoch of outstanding) cache.put(verified(epoch));
    // Read from the disk again after a start: none drives another out.
    for (const epoch of outstanding) cache.get(digestOf(epoch)) ?? cache.put(verified(epoch));
    for (let epoch = 11; epoch <= 40; epoch++) {
      for (const one of outstanding) expect(cache.get(digestOf(one))).not.toBeNull();
      cache.put(verified(epoch));
    }
    const kept = Array.from({ length: 30 }, (_, index) => cache.get(digestOf(index + 11))).filter(
      (one) => one !== null,
    );
    expect(kept.map(({ proposal }) => proposal.header.epoch)).toEqual([36, 37, 38, 39, 40]);
  });

  test("behavior: never more than it is told", () => {
    const cache = createContentCache(3);
    for (let epoch = 9; epoch > 0; epoch--) cache.put(verified(epoch));
    expect([3, 2, 1, 4].map((epoch) => cache.get(digestOf(epoch)) !== null)).toEqual([true, true, true, false]);
  });
});
