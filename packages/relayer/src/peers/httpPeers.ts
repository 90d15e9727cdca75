import type { Address } from "viem";
import type { z } from "zod";
import { PeerError } from "../quorum/errors.ts";
import { epochRecordsSchema, peerStatusSchema } from "../quorum/messages.ts";
import type { Peers } from "../quorum/peers.ts";
import { proposalAnswerSchema } from "../quorum/refusal.ts";

/** The other operators over HTTP. */
export function createHttpPeers(peers: readonly { readonly address: Address; readonly url: string }[]): Peers {
  const urls = new Map(peers.map(({ address, url }) => [address, url.replace(/\/$/, "")]));

  const call = async (to: Address, path: string, timeoutMs: number, body?: unknown): Promise<unknown> => {
    const url = urls.get(to);
    if (url === undefined) throw new PeerError(`${to} is not a configured peer`);
    try {
      const response = await fetch(`${url}/v1/peer/${path}`, {
        signal: AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs))),
        ...(body === undefined
          ? {}
          : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new PeerError(`${url} answered ${response.status}`);
      return response.status === 204 ? null : await response.json();
    } catch (cause) {
      throw cause instanceof PeerError ? cause : new PeerError(`${url} did not answer`, cause);
    }
  };
  const parsed = <T>(schema: z.ZodType<T>, value: unknown): T => {
    const result = schema.safeParse(value);
    if (!result.success) throw new PeerError("a peer's answer is malformed", result.error);
    return result.data;
  };

  return {
    addresses: [...urls.keys()],
    propose: async (to, proposal, timeoutMs) =>
      parsed(proposalAnswerSchema, await call(to, "proposals", timeoutMs, proposal)),
    deliver: async (to, notice, timeoutMs) => {
      await call(to, "attestations", timeoutMs, notice);
    },
    epochs: async (from, epoch, timeoutMs) =>
      parsed(epochRecordsSchema, await call(from, `epochs/${epoch}`, timeoutMs)).records,
    status: async (of, timeoutMs) => parsed(peerStatusSchema, await call(of, "status", timeoutMs)),
  };
}
