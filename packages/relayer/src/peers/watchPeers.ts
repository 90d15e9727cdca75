import type { Address } from "viem";
import type { Peers } from "../quorum/peers.ts";

/** How a peer did when it was asked last. */
export interface PeerSeen {
  readonly address: Address;
  readonly lastAnswerMs: number | null;
  /** Since the last answer; null when the last request was answered. */
  readonly problem: string | null;
}

/** The same peers, with a note of who answered when. */
export function watchPeers(peers: Peers, nowMs: () => number): { readonly peers: Peers; seen(): readonly PeerSeen[] } {
  const answered = new Map<Address, number>();
  const problems = new Map<Address, string>();
  const noting = async <T>(peer: Address, asked: Promise<T>): Promise<T> => {
    try {
      const answer = await asked;
      answered.set(peer, nowMs());
      problems.delete(peer);
      return answer;
    } catch (error) {
      problems.set(peer, error instanceof Error ? error.message : "unknown");
      throw error;
    }
  };
  return {
    peers: {
      addresses: peers.addresses,
      propose: (to, ...rest) => noting(to, peers.propose(to, ...rest)),
      deliver: (to, ...rest) => noting(to, peers.deliver(to, ...rest)),
      epochs: (from, ...rest) => noting(from, peers.epochs(from, ...rest)),
      status: (of, ...rest) => noting(of, peers.status(of, ...rest)),
    },
    seen: () =>
      peers.addresses.map((address) => ({
        address,
        lastAnswerMs: answered.get(address) ?? null,
        problem: problems.get(address) ?? null,
      })),
  };
}
