import { createHash } from "node:crypto";
import type { MessageJson } from "@plimsoll/protocol/wire";
import type { EpochSummary, Store } from "../../store/store.ts";
import { ProblemError } from "../problem.ts";
import type { Feed, LiveEvent } from "./feed.ts";

const fingerprint = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 22);

/**
 * One thing's state: told at first and whenever it changed, so nothing that a client misses matters. Its id is what the
 * state hashes to: a client that comes back and has the newest state already is told nothing.
 *
 * @param look null while there is nothing to tell.
 */
export function stateFeed(event: string, look: () => unknown, lastEventId: string | null): Feed {
  let told = lastEventId;
  return {
    position: () => told,
    next() {
      const data = look();
      if (data === null) return [];
      const id = fingerprint(data);
      if (id === told) return [];
      told = id;
      return [{ id, event, data }];
    },
  };
}

/** Epochs told at once, and as far back as a client may come. */
const mostEpochs = 200;

/**
 * Attested epochs by number, ascending. A new client is told the newest one first; one that comes back, all that it
 * missed. Epochs that are attested after a higher one are left out.
 */
export function epochFeed(
  store: Pick<Store, "listAttested">,
  view: (summary: EpochSummary) => unknown,
  lastEventId: string | null,
): Feed {
  let told = parseEpochId(lastEventId);
  return {
    position: () => (told === null ? null : `${told}`),
    next() {
      const after = told;
      const newest = store
        .listAttested(after === null ? 1 : mostEpochs)
        .filter(({ header }) => header.epoch > (after ?? 0));
      const events = newest
        .reverse()
        .map((summary): LiveEvent => ({ id: `${summary.header.epoch}`, event: "epoch", data: view(summary) }));
      const gap = after !== null && newest.length === mostEpochs;
      told = newest.at(-1)?.header.epoch ?? told;
      // Of what lies behind the gap nothing is told with it.
      return gap ? [gapEvent(`${(newest[0]?.header.epoch ?? after + 1) - 1}`), ...events] : events;
    },
  };
}

function parseEpochId(id: string | null): number | null {
  if (id === null) return null;
  if (/^[0-9]{1,15}$/.test(id)) return Number(id);
  throw malformedId("an epoch's number");
}

/** Block numbers by eid. */
export type Position = ReadonlyMap<number, number>;

/**
 * Messages of which something new was read: sent, verified, delivered or failed. The position is how far each chain was
 * read, which means the same to every node; the last blocks before it are looked at again, so that a reorg in them is
 * not missed, and a message may be told again after a reconnection.
 */
export function messageFeed(
  source: {
    readonly indexed: () => Position;
    /** Null when there are more than it gives at once. */
    readonly changed: (after: Position, upTo: Position) => readonly MessageJson[] | null;
  },
  lastEventId: string | null,
): Feed {
  let told = parsePosition(lastEventId) ?? source.indexed();
  const known = new Map<string, string>();
  return {
    position: () => formatPosition(told),
    next() {
      const indexed = source.indexed();
      const from = new Map(
        [...indexed].map(([eid, block]) => [eid, Math.min(told.get(eid) ?? block, block) - blocksLookedAtAgain]),
      );
      const changed = source.changed(from, indexed);
      const before = formatPosition(told);
      told = indexed;
      const id = formatPosition(indexed);
      if (changed === null) return [gapEvent(id)];
      const news = changed.filter((message) => {
        const key = `${message.guid}:${message.payloadHash}`;
        const print = fingerprint(message);
        const isNew = known.get(key) !== print;
        known.delete(key);
        known.set(key, print);
        return isNew;
      });
      for (const oldest of known.keys()) {
        if (known.size <= mostKnown) break;
        known.delete(oldest);
      }
      // A connection may break between them: all was told with the last one only.
      return news.map((data, index) => ({ id: index === news.length - 1 ? id : before, event: "message", data }));
    },
  };
}

const blocksLookedAtAgain = 8;
const mostKnown = 2_000;

function formatPosition(position: Position): string {
  return [...position].map(([eid, block]) => `${eid}:${block}`).join(",");
}

function parsePosition(id: string | null): Position | null {
  if (id === null) return null;
  if (!/^(?:[0-9]{1,10}:-?[0-9]{1,12})(?:,[0-9]{1,10}:-?[0-9]{1,12}){0,63}$/.test(id)) {
    throw malformedId("a position of the message stream");
  }
  return new Map(
    id.split(",").map((part): [number, number] => {
      const [eid, block] = part.split(":");
      return [Number(eid), Number(block)];
    }),
  );
}

/** Too much happened since: the client looks at the lists, and goes on from here. */
const gapEvent = (id: string): LiveEvent => ({ id, event: "gap", data: {} });

const malformedId = (expected: string) =>
  new ProblemError(
    400,
    "malformed-request",
    `Last-Event-ID is not ${expected}`,
    "Send the id that the stream gave, or none.",
  );
