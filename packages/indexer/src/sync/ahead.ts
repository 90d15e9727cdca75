import type { Watch } from "../decode/watch.ts";
import { IndexerStoppedError, isTrouble, RpcRefusedError, RpcTimeoutError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { BlockWithLogs } from "../rpc/range.ts";
import type { RangeSize } from "./rangeSize.ts";

/** Reads several ranges of blocks at once, and gives them strictly in the order of the chain. */
export interface ReadAhead {
  /**
   * The blocks from `from` on, as many as are asked for at once. Further ones, up to `to`, are read meanwhile. Gives the same
   * again until `from` has moved on.
   *
   * @throws what reading these very blocks failed with. After trouble with an endpoint the next call reads them again, and
   * what lies behind them is kept; a contradiction ends everything behind it.
   */
  next(wanted: Wanted): Promise<readonly BlockWithLogs[]>;
  /** What was read, or is being read, is not wanted any more. */
  forget(): void;
  /** The same, of all but what was given last. */
  forgetBehind(): void;
  /** Resolves once nothing is under way any more. */
  readonly ended: Promise<unknown>;
}

export interface Wanted {
  /** Whom to ask for what is begun from now on. */
  readonly endpoint: RpcEndpoint;
  readonly watch: Watch;
  readonly from: number;
  readonly to: number;
}

/** One range, until `signal` is aborted. */
export type Reading = Wanted & { readonly signal: AbortSignal };

export interface ReadAheadParameters {
  readonly read: (range: Reading) => Promise<readonly BlockWithLogs[]>;
  readonly rangeSize: RangeSize;
  /** Ranges that are read, or wait to be taken, at the same time. 1 reads one after the other. */
  readonly rangesAtOnce: number;
}

interface Range {
  readonly from: number;
  to: number;
  state: "waiting" | "reading" | "read" | "failed";
  blocks: readonly BlockWithLogs[];
  /** Headers and logs, once they are read. */
  records: number;
  error: unknown;
  reading: Promise<void>;
  readonly abandoned: AbortController;
}

/** Headers and logs that are held at the same time, about a kilobyte each; a single range may have more. */
const recordsAtMost = 50_000;

/**
 * How much is under way is not decided here alone: a range is begun once the endpoint would let its requests out at once
 * (`requestRate`), so that a provider that takes less has fewer ranges asked of it. A length that nobody has given yet,
 * as at the start, after a failure, or when a longer one is tried, is asked for by one range before it is by others.
 */
export function readAhead({ read, rangeSize, rangesAtOnce }: ReadAheadParameters): ReadAhead {
  const ranges: Range[] = [];
  let wanted: Wanted | undefined;
  /** The most blocks that are known to be given at once. */
  let given = 0;
  let recordsPerBlock = 1;
  let isWaitingForRoom = false;

  const underWay = new Set<Promise<void>>();

  const inState = (state: Range["state"]) => ranges.filter((range) => range.state === state);
  const recordsOf = (range: Range) => (range.state === "read" ? range.records : lengthOf(range) * recordsPerBlock);

  /** The first range that nobody reads yet; behind the last one a new one. */
  function nextToRead({ from, to }: Wanted): Range | undefined {
    const [waiting] = inState("waiting");
    if (waiting !== undefined) return waiting;
    const last = ranges.at(-1);
    if (last?.state === "failed" && !isTrouble(last.error)) return undefined;
    const begins = last === undefined ? from : last.to + 1;
    if (begins > to) return undefined;
    const range = newRange(begins, to);
    ranges.push(range);
    return range;
  }

  function mayBegin(range: Range, { endpoint }: Wanted): boolean {
    if (range === ranges[0]) return true;
    const others = ranges.filter(({ state }) => state !== "waiting");
    const records = others.reduce((sum, other) => sum + recordsOf(other), recordsOf(range));
    if (others.length >= rangesAtOnce || records > recordsAtMost) return false;
    if (inState("reading").length === 0) return true;
    if (lengthOf(range) > given) return false;
    if (endpoint.rate.hasRoom) return true;
    if (!isWaitingForRoom) {
      isWaitingForRoom = true;
      void endpoint.rate.room().then(() => {
        isWaitingForRoom = false;
        begin();
      });
    }
    return false;
  }

  /** Begins as many ranges as may be under way. */
  function begin(): void {
    for (;;) {
      const range = wanted && nextToRead(wanted);
      if (wanted === undefined || range === undefined) return;
      shorten(range);
      if (!mayBegin(range, wanted)) return;
      range.state = "reading";
      const reading = follow(range, wanted).finally(() => underWay.delete(reading));
      underWay.add(reading);
      range.reading = reading;
    }
  }

  /** To what is asked for at once; the rest waits as a range of its own. */
  function shorten(range: Range): void {
    const to = range.from + rangeSize.blocks - 1;
    if (range.to <= to) return;
    ranges.splice(ranges.indexOf(range) + 1, 0, newRange(to + 1, range.to));
    range.to = to;
  }

  async function follow(range: Range, { endpoint, watch }: Wanted): Promise<void> {
    const { from, to } = range;
    const { signal } = range.abandoned;
    try {
      // What has to be written first is asked first.
      const inLine = endpoint.inLine({ order: from, signal });
      const blocks = await read({ endpoint: inLine, watch, from, to, signal });
      if (signal.aborted) return;
      const logs = blocks.reduce((sum, block) => sum + block.logs.length, 0);
      Object.assign(range, { state: "read", blocks, records: blocks.length + logs });
      given = Math.max(given, blocks.length);
      recordsPerBlock = range.records / blocks.length;
      rangeSize.accepted(blocks.length, logs);
    } catch (error) {
      if (signal.aborted) return;
      failed(range, error);
    }
    begin();
  }

  function failed(range: Range, error: unknown): void {
    given = 0;
    const length = lengthOf(range);
    const isTooMuch = error instanceof RpcRefusedError && length > 1;
    if (isTooMuch || error instanceof RpcTimeoutError) rangeSize.refused(length);
    range.state = isTooMuch ? "waiting" : "failed";
    range.error = error;
    if (!isTrouble(error)) abandon(ranges.splice(ranges.indexOf(range) + 1));
  }

  function forget(from = 0): void {
    abandon(ranges.splice(from));
    wanted = undefined;
  }

  return {
    forget: () => forget(),
    forgetBehind: () => forget(1),
    get ended() {
      return Promise.all(underWay);
    },
    async next(asked) {
      if (wanted !== undefined && !isSameWatch(wanted.watch, asked.watch)) forget();
      while (ranges[0] !== undefined && ranges[0].to < asked.from) ranges.shift();
      if (ranges[0]?.from !== asked.from) forget();
      wanted = asked;
      for (const range of inState("failed")) if (isTrouble(range.error)) range.state = "waiting";
      for (;;) {
        begin();
        const [first] = ranges;
        if (first === undefined) throw new IndexerStoppedError("reading ahead was given up", "Ask again.");
        if (first.state === "read") return first.blocks;
        if (first.state === "failed") throw first.error;
        await first.reading;
      }
    },
  };
}

const lengthOf = ({ from, to }: { readonly from: number; readonly to: number }): number => to - from + 1;

function newRange(from: number, to: number): Range {
  const nothing = { blocks: [], records: 0, error: undefined, reading: Promise.resolve() };
  return { from, to, state: "waiting", ...nothing, abandoned: new AbortController() };
}

function abandon(ranges: readonly Range[]): void {
  for (const { abandoned } of ranges) abandoned.abort();
}

const isSameWatch = (one: Watch, other: Watch): boolean =>
  one.size === other.size && [...one.keys()].every((address) => other.has(address));
