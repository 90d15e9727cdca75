import type { Hex } from "viem";
import { isWatched, type Watch, watchQuery } from "../decode/watch.ts";
import { ChainMovedError, RpcInconsistentError, RpcRefusedError } from "../errors.ts";
import { bloomOf, parseBloom } from "./bloom.ts";
import { hostOf, type RpcEndpoint } from "./endpoint.ts";
import type { Header, Log } from "./wire.ts";

/** A block as read: its header, and our logs in order. */
export interface BlockWithLogs {
  readonly header: Header;
  readonly logs: readonly Log[];
}

export interface ReadRangeParameters {
  readonly endpoint: RpcEndpoint;
  /** Gives whom to ask for a second opinion: the endpoint itself where there is no other. */
  readonly second: () => Promise<RpcEndpoint>;
  readonly watch: Watch;
  readonly from: number;
  readonly to: number;
  /** Once it is aborted nothing more is asked. */
  readonly signal: AbortSignal;
}

/** Two batches: one on its way while the other is answered. */
const headersAtOnce = 128;
/** Up to so many blocks that may hold our logs are each proven by their receipts. */
const receiptsAtMost = 32;
const noBloom: Hex = `0x${"00".repeat(256)}`;

/**
 * Reads the blocks `from` to `to` with our logs, trusting as little as possible:
 *
 * - every header is fetched, and each must name the one before it as its parent;
 * - a log must lie in one of these very blocks (by hash), and the block's bloom must contain it;
 * - a block whose bloom may contain logs of ours is proven by its receipts, whose bloom must equal the header's. Where
 *   an endpoint has no receipts, or there are too many such blocks (a long way behind the head), the logs are asked for
 *   a second time, of another endpoint if there is one, and must come out the same; and so they are where a log lies in
 *   a block without a bloom.
 *
 * Not checked: that a header's hash is the hash of its fields (chains differ in their fields), and that the endpoint
 * follows the chain's real consensus.
 *
 * @throws {ChainMovedError} a reorg happened in between; read again.
 * @throws {RpcInconsistentError} the endpoint contradicted itself; ask another.
 * @throws what `signal` was aborted with.
 */
export async function readRange(parameters: ReadRangeParameters): Promise<BlockWithLogs[]> {
  const { endpoint, watch } = parameters;
  const [headers, found] = await readHeadersAndLogs(parameters);
  const logs = found.filter((log) => isWatched(watch, log));
  const byHash = groupByBlock(headers, logs, endpoint);
  parameters.signal.throwIfAborted();
  await resolveDoubts(parameters, headers, byHash);
  return headers.map((header) => {
    const ours = byHash.get(header.hash) ?? [];
    return { header, logs: [...ours].sort((a, b) => a.logIndex - b.logIndex) };
  });
}

/** Both at once, where logs are named by numbers; those of a single block by its hash, once that is known. */
async function readHeadersAndLogs(parameters: ReadRangeParameters): Promise<[Header[], Log[]]> {
  const { endpoint, watch, from, to } = parameters;
  if (from < to) return await Promise.all([readHeaders(parameters), endpoint.logsInRange(watchQuery(watch), from, to)]);
  const headers = await readHeaders(parameters);
  return [headers, await queryLogs(endpoint, watch, headers)];
}

async function readHeaders({ endpoint, from, to, signal }: ReadRangeParameters): Promise<Header[]> {
  const headers: Header[] = [];
  for (let start = from; start <= to; start += headersAtOnce) {
    signal.throwIfAborted();
    const numbers = Array.from({ length: Math.min(headersAtOnce, to - start + 1) }, (_, index) => start + index);
    for (const [index, header] of (await Promise.all(numbers.map((number) => endpoint.header(number)))).entries()) {
      const number = start + index;
      const before = headers.at(-1);
      if (header === null || header.number !== number || (before && header.parentHash !== before.hash)) {
        throw new ChainMovedError(`the chain changed at block ${number} while it was read`, "It is read again.");
      }
      headers.push(header);
    }
  }
  return headers;
}

function queryLogs(endpoint: RpcEndpoint, watch: Watch, headers: readonly Header[]): Promise<Log[]> {
  const [first] = headers;
  const last = headers.at(-1);
  if (first === undefined || last === undefined) return Promise.resolve([]);
  const query = watchQuery(watch);
  return first === last
    ? endpoint.logsInBlock(query, first.hash)
    : endpoint.logsInRange(query, first.number, last.number);
}

function groupByBlock(headers: readonly Header[], logs: readonly Log[], endpoint: RpcEndpoint): Map<Hex, Log[]> {
  const known = new Map(headers.map((header) => [header.hash, header]));
  const byHash = new Map<Hex, Log[]>();
  for (const log of logs) {
    const header = known.get(log.blockHash);
    if (header === undefined || header.number !== log.blockNumber) {
      throw new ChainMovedError(`a log of block ${log.blockNumber} lies in another block now`, "It is read again.");
    }
    if (header.logsBloom !== noBloom) {
      const bloom = parseBloom(header.logsBloom);
      if (![log.address, ...log.topics].every((item) => bloom.mayContain(item))) {
        throw inconsistent(endpoint, `gave a log that the bloom of block ${header.number} rules out`);
      }
    }
    const found = byHash.get(log.blockHash) ?? [];
    if (!found.some((other) => other.logIndex === log.logIndex)) byHash.set(log.blockHash, [...found, log]);
  }
  return byHash;
}

function mayHoldOurs(header: Header, watch: Watch): boolean {
  const bloom = parseBloom(header.logsBloom);
  for (const [address, topics] of watch) {
    if (!bloom.mayContain(address)) continue;
    for (const topic of topics) if (bloom.mayContain(topic)) return true;
  }
  return false;
}

async function resolveDoubts(
  { endpoint, second, watch }: ReadRangeParameters,
  headers: readonly Header[],
  byHash: ReadonlyMap<Hex, readonly Log[]>,
): Promise<void> {
  const suspects = headers.filter((header) => mayHoldOurs(header, watch));
  let unproven = suspects;
  if (suspects.length <= receiptsAtMost) {
    const proven = await Promise.all(
      suspects.map((header) => provenByReceipts(endpoint, watch, header, byHash.get(header.hash) ?? [])),
    );
    unproven = suspects.filter((_, index) => proven[index] !== true);
  }
  // A chain without blooms proves nothing of its blocks; on one that has them, an empty one holds no log.
  const isUnproven = headers.some(({ hash, logsBloom }) => logsBloom === noBloom && byHash.has(hash));
  if (unproven.length === 0 && !isUnproven) return;
  const again = (await secondOpinion(await second(), watch, headers)).filter((log) => isWatched(watch, log));
  const first = [...byHash.values()].flat();
  if (!areSame(first, again)) {
    throw inconsistent(endpoint, `gave ${first.length} logs, and ${again.length} or others when asked again`);
  }
}

/** Whether two answers are of the same logs, each saying the same. */
function areSame(some: readonly Log[], others: readonly Log[]): boolean {
  const key = ({ blockHash, logIndex, address, topics, data }: Log) =>
    [blockHash, logIndex, address, ...topics, data].join().toLowerCase();
  const known = new Set(some.map(key));
  return known.size === others.length && others.every((log) => known.has(key(log)));
}

/** Halves the range by itself where the second endpoint takes less at once than the first. */
async function secondOpinion(second: RpcEndpoint, watch: Watch, headers: readonly Header[]): Promise<Log[]> {
  try {
    return await queryLogs(second, watch, headers);
  } catch (error) {
    if (!(error instanceof RpcRefusedError) || headers.length <= 1) throw error;
    const half = headers.length >> 1;
    const lower = await secondOpinion(second, watch, headers.slice(0, half));
    return [...lower, ...(await secondOpinion(second, watch, headers.slice(half)))];
  }
}

/** True: the logs are complete. False: the endpoint has no receipts to prove it by. */
async function provenByReceipts(
  endpoint: RpcEndpoint,
  watch: Watch,
  header: Header,
  found: readonly Log[],
): Promise<boolean> {
  const all = await endpoint.allLogsInBlock(header.hash);
  if (all === null) return false;
  if (bloomOf(all) !== header.logsBloom) {
    throw inconsistent(endpoint, `gave receipts of block ${header.number} that do not match its header`);
  }
  const ours = all.filter((log) => isWatched(watch, log));
  if (!areSame(found, ours)) {
    const told = `${found.length} logs of block ${header.number}, and others or ${ours.length} in its receipts`;
    throw inconsistent(endpoint, `gave ${told}`);
  }
  return true;
}

function inconsistent(endpoint: RpcEndpoint, what: string): RpcInconsistentError {
  return new RpcInconsistentError(
    `${hostOf(endpoint.url)} ${what}`,
    "It is asked again; name a second endpoint in rpcUrls if this goes on.",
  );
}
