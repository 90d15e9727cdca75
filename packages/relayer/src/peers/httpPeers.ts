import type { Address } from "viem";
import { z } from "zod";
import { boundedText } from "../boundedText.ts";
import { parseJson } from "../parseJson.ts";
import { PeerError } from "../quorum/errors.ts";
import { epochRecordsSchema, peerStatusSchema } from "../quorum/messages.ts";
import type { Peers } from "../quorum/peers.ts";
import { proposalAnswerSchema } from "../quorum/refusal.ts";
import type { SignRequest } from "./authentication.ts";

/** Of an answer, in bytes; and of one that holds epochs in full, of which one with 100,000 accounts takes tens of millions. */
const longestAnswer = 4 << 20;
const longestEpochs = 256 << 20;

/** The other operators over HTTP. Every request is signed. */
export function createHttpPeers(
  peers: readonly { readonly address: Address; readonly url: string }[],
  sign: SignRequest,
): Peers {
  const urls = new Map(peers.map(({ address, url }) => [address, url.replace(/\/$/, "")]));

  const call = async (to: Address, path: string, timeoutMs: number, body?: unknown): Promise<unknown> => {
    const url = urls.get(to);
    if (url === undefined) throw new PeerError(`${to} is not a configured peer`);
    try {
      const method = body === undefined ? "GET" : "POST";
      const text = body === undefined ? "" : JSON.stringify(body);
      const headers = await sign({ to, method, path: `/v1/peer/${path}`, body: text });
      const response = await fetch(`${url}/v1/peer/${path}`, {
        method,
        signal: AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs))),
        headers: { ...headers, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: text }),
      });
      const longest = response.ok && path.startsWith("epochs/") ? longestEpochs : longestAnswer;
      const answer = await boundedText(response, longest);
      if (!response.ok) throw new PeerError(`${url} answered ${response.status}${problemOf(answer)}`);
      return response.status === 204 ? null : JSON.parse(answer);
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

/** What a refusing peer says, to be read by a person. */
function problemOf(answer: string): string {
  const problem = problemSchema.safeParse(parseJson(answer));
  return problem.success ? `: ${problem.data.detail}` : "";
}

const problemSchema = z.object({ detail: z.string().max(1_000) });
