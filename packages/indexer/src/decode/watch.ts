import type { Address, Hex } from "viem";

/** Which first topics we read of one address. */
export type Watch = ReadonlyMap<Address, ReadonlySet<Hex>>;

/** Addresses and topics of all of it, for one log query. */
export function watchQuery(watch: Watch): { addresses: Address[]; topics: Hex[] } {
  const topics = new Set<Hex>();
  for (const set of watch.values()) for (const topic of set) topics.add(topic);
  return { addresses: [...watch.keys()].sort(), topics: [...topics].sort() };
}

/** Whether a log is one that we asked for. */
export function isWatched(watch: Watch, log: { address: Address; topics: readonly Hex[] }): boolean {
  const [topic] = log.topics;
  return topic !== undefined && (watch.get(log.address)?.has(topic) ?? false);
}
