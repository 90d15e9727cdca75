import {
  type Address,
  BaseError,
  type EIP1193RequestFn,
  type Hex,
  HttpRequestError,
  http,
  numberToHex,
  toHex,
} from "viem";
import { z } from "zod";
import { type IndexerError, RpcInconsistentError, RpcRefusedError, RpcUnavailableError } from "../errors.ts";
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
 * error, `RpcInconsistentError` when the answer makes no sense.
 */
export interface RpcEndpoint {
  readonly url: string;
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

/**
 * Speaks to one URL. Never retries by itself: whoever calls it knows whether to wait or to ask another. `stop` ends
 * whatever is under way.
 *
 * @example
 * const head = await rpcEndpoint("http://127.0.0.1:8545").header("latest");
 */
export function rpcEndpoint(url: string, stop?: AbortSignal): RpcEndpoint {
  const fetchFn: typeof fetch = (input, init) => {
    const signals = [init?.signal, stop].filter((signal) => signal !== null && signal !== undefined);
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };
  const request = http(url, { retryCount: 0, timeout: timeoutMs, fetchFn })({}).request as EIP1193RequestFn;

  async function ask<T>(schema: z.ZodType<T>, method: string, params: unknown[]): Promise<T> {
    let answer: unknown;
    try {
      answer = await request({ method, params } as Parameters<typeof request>[0]);
    } catch (error) {
      throw asIndexerError(error, url, method);
    }
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new RpcInconsistentError(
      `${hostOf(url)} answered ${method} with something else: ${z.prettifyError(parsed.error)}`,
      "Use another RPC endpoint if this goes on.",
      parsed.error,
    );
  }

  const filter = (query: LogQuery) => ({ address: query.addresses, topics: [query.topics] });
  const blockParameter = (block: BlockTag) => (typeof block === "number" ? numberToHex(block) : block);

  return {
    url,
    chainId: () => ask(quantitySchema, "eth_chainId", []),
    header: (block) => ask(headerSchema.nullable(), "eth_getBlockByNumber", [blockParameter(block), false]),
    logsInRange: (query, from, to) =>
      ask(logsSchema, "eth_getLogs", [{ ...filter(query), fromBlock: toHex(from), toBlock: toHex(to) }]),
    logsInBlock: (query, blockHash) => ask(logsSchema, "eth_getLogs", [{ ...filter(query), blockHash }]),
    async allLogsInBlock(blockHash) {
      try {
        const receipts = await ask(receiptsSchema.nullable(), "eth_getBlockReceipts", [blockHash]);
        return receipts === null ? null : receipts.flatMap((receipt) => receipt.logs);
      } catch (error) {
        if (error instanceof RpcRefusedError) return null;
        throw error;
      }
    },
    code: (address, block) => ask(bytesSchema, "eth_getCode", [address, blockParameter(block)]),
    call: (to, data) => ask(bytesSchema, "eth_call", [{ to, data }, "latest"]),
  };
}

function asIndexerError(error: unknown, url: string, method: string): IndexerError {
  const reason = error instanceof BaseError ? error.details || error.shortMessage : String(error);
  const silent = error instanceof HttpRequestError && error.status === undefined;
  if (silent) {
    const hint = "Check that the endpoint is up, or name a second one in rpcUrls.";
    return new RpcUnavailableError(`${hostOf(url)} did not answer ${method}: ${reason}`, hint, error);
  }
  const hint = "It is asked for less, then again later; name a second endpoint in rpcUrls if this goes on.";
  return new RpcRefusedError(`${hostOf(url)} refused ${method}: ${reason}`, hint, error);
}

/** Without path and query, which often hold an API key. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the RPC endpoint";
}
