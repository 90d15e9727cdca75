import { setTimeout as delay } from "node:timers/promises";
import {
  type Address,
  BaseError,
  type EIP1193RequestFn,
  type Hex,
  HttpRequestError,
  http,
  numberToHex,
  RpcRequestError,
  TimeoutError,
  toHex,
} from "viem";
import { z } from "zod";
import {
  type IndexerError,
  RpcInconsistentError,
  RpcLimitedError,
  RpcRefusedError,
  RpcTimeoutError,
  RpcUnavailableError,
} from "../errors.ts";
import { type EndpointHealth, endpointHealth } from "./health.ts";
import { rateLimitOf } from "./limits.ts";
import { firstInLine, type Line, type RequestRate, requestRate } from "./rate.ts";
import { reasonOf } from "./reason.ts";
import {
  bytesSchema,
  type Header,
  headerSchema,
  type Log,
  logsSchema,
  quantitySchema,
  receiptsSchema,
} from "./wire.ts";

export type BlockTag = number | "latest" | "finalized";

export interface LogQuery {
  readonly addresses: readonly Address[];
  /** Any of these as first topic. */
  readonly topics: readonly Hex[];
}

/**
 * One RPC URL. Its methods throw `RpcUnavailableError` when it does not answer, `RpcRefusedError` when it answers with an
 * error, `RpcLimitedError` when it goes on saying that it is asked too often, `RpcInconsistentError` when the answer makes no sense.
 */
export interface RpcEndpoint {
  readonly url: string;
  readonly health: EndpointHealth;
  readonly rate: RequestRate;
  /** The same endpoint; its calls wait in line, and throw what the line's signal was aborted with. */
  inLine(line: Line): RpcEndpoint;
  chainId(): Promise<number>;
  /** Null where the endpoint does not know such a block. */
  header(block: BlockTag): Promise<Header | null>;
  logsInRange(query: LogQuery, from: number, to: number): Promise<Log[]>;
  logsInBlock(query: LogQuery, blockHash: Hex): Promise<Log[]>;
  /** All logs of a block, from its receipts; null where the endpoint has no such method. */
  allLogsInBlock(blockHash: Hex): Promise<Log[] | null>;
  code(address: Address, block: BlockTag): Promise<Hex>;
  call(to: Address, data: Hex): Promise<Hex>;
}

const timeoutMs = 20_000;
/** Calls in one HTTP request: few providers take more than a hundred. */
const callsAtOnce = 64;
/** A batch that failed where its calls alone do not: none for so long. It may have been its size, or its server. */
const withoutBatchesMs = 600_000;
/** A provider that names a limit is asked again, slower, so many times. */
const limitedAtMost = 4;
/** Answers that are long, for the provider to find and for us to hold: as many headers as they count for. */
const heavy: Readonly<Record<string, number>> = { eth_getLogs: 4, eth_getBlockReceipts: 4 };
/** A call that travels alone has a connection of its own. */
const alone = 8;

/**
 * Speaks to one URL, as fast as it allows: calls made together travel together where the provider takes batches, and the
 * rate follows what it refuses. Apart from that it never retries by itself: whoever calls it knows whether to wait or
 * to ask another. `stop` ends whatever is under way.
 *
 * @example
 * const head = await rpcEndpoint("http://127.0.0.1:8545").header("latest");
 */
export function rpcEndpoint(url: string, stop?: AbortSignal): RpcEndpoint {
  const fetchFn: typeof fetch = (input, init) => {
    const signals = [init?.signal, stop].filter((signal) => signal !== null && signal !== undefined);
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };
  const connect = (batch: false | { batchSize: number; wait: number }) =>
    http(url, { retryCount: 0, timeout: timeoutMs, fetchFn, batch })({}).request as EIP1193RequestFn;
  const single = connect(false);
  const together = connect({ batchSize: callsAtOnce, wait: 0 });
  let singleUntilMs = 0;
  const takesBatches = () => Date.now() >= singleUntilMs;
  const health = endpointHealth();
  const sleep = (ms: number) => delay(ms, undefined, stop === undefined ? {} : { signal: stop }).catch(() => undefined);
  const rate = requestRate({ nowMs: Date.now, sleep, stop });

  async function send(method: string, params: unknown[]): Promise<unknown> {
    const call = { method, params } as Parameters<typeof single>[0];
    if (!takesBatches()) return await single(call);
    try {
      return await together(call);
    } catch (error) {
      // Said of this very call, or nothing was said at all: it has nothing to do with the batch.
      if (isAboutTheCall(error) || rateLimitOf(error, method) !== null || isSilence(error)) throw error;
      const answer = await single(call);
      singleUntilMs = Date.now() + withoutBatchesMs;
      return answer;
    }
  }

  async function paced(line: Line, method: string, params: unknown[]): Promise<unknown> {
    for (let limited = 0; ; limited++) {
      const turn = await rate.turn(weightOf(method, takesBatches()), line);
      const startedMs = performance.now();
      try {
        const answer = await send(method, params);
        health.succeeded(performance.now() - startedMs);
        turn.answered();
        return answer;
      } catch (error) {
        const limit = rateLimitOf(error, method);
        if (limit === null) {
          if (isSilence(error)) turn.unanswered();
          else turn.answered();
          if (!isAboutTheCall(error)) health.failed();
          throw asIndexerError(error, url, method);
        }
        turn.limited(limit.retryAfterMs);
        if (limited < limitedAtMost && stop?.aborted !== true) continue;
        health.failed();
        throw new RpcLimitedError(
          `${hostOf(url)} goes on refusing ${method}: too many requests`,
          "It is asked more slowly; name a second endpoint in rpcUrls, or take a plan that allows more.",
          error,
        );
      }
    }
  }

  async function ask<T>(line: Line, schema: z.ZodType<T>, method: string, params: unknown[]): Promise<T> {
    const parsed = schema.safeParse(await paced(line, method, params));
    if (parsed.success) return parsed.data;
    health.failed();
    throw new RpcInconsistentError(
      `${hostOf(url)} answered ${method} with something else: ${z.prettifyError(parsed.error)}`,
      "Use another RPC endpoint if this goes on.",
      parsed.error,
    );
  }

  const filter = (query: LogQuery) => ({ address: query.addresses, topics: [query.topics] });
  const blockParameter = (block: BlockTag) => (typeof block === "number" ? numberToHex(block) : block);

  const inLine = (line: Line): RpcEndpoint => ({
    url,
    health,
    rate,
    inLine,
    chainId: () => ask(line, quantitySchema, "eth_chainId", []),
    async header(block) {
      const header = await ask(line, headerSchema.nullable(), "eth_getBlockByNumber", [blockParameter(block), false]);
      if (block === "latest" && header !== null) health.sawHead(header.number);
      return header;
    },
    logsInRange: (query, from, to) =>
      ask(line, logsSchema, "eth_getLogs", [{ ...filter(query), fromBlock: toHex(from), toBlock: toHex(to) }]),
    logsInBlock: (query, blockHash) => ask(line, logsSchema, "eth_getLogs", [{ ...filter(query), blockHash }]),
    async allLogsInBlock(blockHash) {
      try {
        const receipts = await ask(line, receiptsSchema.nullable(), "eth_getBlockReceipts", [blockHash]);
        return receipts === null ? null : receipts.flatMap((receipt) => receipt.logs);
      } catch (error) {
        if (error instanceof RpcRefusedError) return null;
        throw error;
      }
    },
    code: (address, block) => ask(line, bytesSchema, "eth_getCode", [address, blockParameter(block)]),
    call: (to, data) => ask(line, bytesSchema, "eth_call", [{ to, data }, "latest"]),
  });
  return inLine(firstInLine);
}

const weightOf = (method: string, takesBatches: boolean): number =>
  Math.max(heavy[method] ?? 1, takesBatches ? 1 : alone);

/** The node answered this call, with an error. */
const isAboutTheCall = (error: unknown): boolean =>
  error instanceof BaseError && error.walk((cause) => cause instanceof RpcRequestError) !== null;

/** Nothing came back: no server, or no answer in time. */
const isSilence = (error: unknown): boolean =>
  error instanceof TimeoutError ||
  (error instanceof HttpRequestError && error.status === undefined && !(error.cause instanceof SyntaxError));

function asIndexerError(error: unknown, url: string, method: string): IndexerError {
  const reason = reasonOf(error);
  if (isSilence(error)) {
    const hint = "Check that the endpoint is up, or name a second one in rpcUrls.";
    const kind = error instanceof TimeoutError ? RpcTimeoutError : RpcUnavailableError;
    return new kind(`${hostOf(url)} did not answer ${method}: ${reason}`, hint, error);
  }
  const hint = "It is asked for less, then again later; name a second endpoint in rpcUrls if this goes on.";
  return new RpcRefusedError(`${hostOf(url)} refused ${method}: ${reason}`, hint, error);
}

/** Without path and query, which often hold an API key. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the RPC endpoint";
}
