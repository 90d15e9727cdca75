import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { responses } from "./responses.ts";
import type { ApiSource } from "./source.ts";

const whole = z.number().int();
const addressText = z.string();

/** What `plimsoll status` shows. */
export const statusSchema = z
  .object({
    operator: addressText,
    version: z.string(),
    upSeconds: whole,
    draining: z.boolean(),
    epoch: whole.nullable().openapi({ description: "The newest attested one." }),
    epochAgeSeconds: whole.nullable(),
    highestSigned: whole,
    streams: whole.openapi({ description: "Live updates that are followed." }),
    chains: z.array(
      z.object({
        eid: whole,
        name: z.string(),
        head: whole,
        finalized: whole,
        indexed: whole,
        lagBlocks: whole,
        blocksPerSecond: z.number(),
        secondsLeft: whole.nullable(),
        postedEpoch: whole.nullable(),
        upcomingFeeds: z
          .array(z.object({ feed: addressText, readTo: whole, isRead: z.boolean() }))
          .openapi({ description: "Price feeds whose history is read before the registry names them." }),
        ok: z.boolean(),
        halted: z.boolean(),
        problem: z.string().nullable(),
      }),
    ),
    peers: z.array(
      z.object({ address: addressText, lastAnswerSecondsAgo: whole.nullable(), problem: z.string().nullable() }),
    ),
  })
  .openapi("Status");
export type NodeStatus = z.infer<typeof statusSchema>;

const status = createRoute({
  method: "get",
  path: "/v1/status",
  summary: "How this node is doing: chains with progress, epochs, peers",
  responses: responses("The status", statusSchema),
});

/** @param openStreams how many live updates are followed. */
export function addStatusRoute(app: OpenAPIHono, source: ApiSource, openStreams: () => number): void {
  app.openapi(status, (context) => context.json(statusView(source, openStreams()), 200));
}

function statusView(source: ApiSource, streams: number): NodeStatus {
  const { store, operator, version, startedAtMs } = source;
  const now = source.nowMs();
  const secondsSince = (ms: number) => Math.max(0, Math.floor((now - ms) / 1000));
  const newest = store.newestAttested();
  const posted = source.newestPosted();
  return {
    operator,
    version,
    upSeconds: secondsSince(startedAtMs),
    draining: source.draining(),
    epoch: newest?.header.epoch ?? null,
    epochAgeSeconds: newest === null ? null : secondsSince(newest.header.issuedAt * 1000),
    highestSigned: store.highestSigned(),
    streams,
    chains: source.chainStatus().map((chain) => {
      const { eid, name, head, finalized, indexed, lagBlocks, upcomingFeeds, ok, halted, problem } = chain;
      const { blocksPerSecond, secondsLeft } = source.progressOf(eid);
      const rate = Math.round(blocksPerSecond * 10) / 10;
      const read = { head, finalized, indexed, lagBlocks, blocksPerSecond: rate, secondsLeft };
      const feeds = { upcomingFeeds: [...upcomingFeeds] };
      return { eid, name, ...read, postedEpoch: posted.get(eid) ?? null, ...feeds, ok, halted, problem };
    }),
    peers: source.peersSeen().map(({ address, lastAnswerMs, problem }) => ({
      address,
      lastAnswerSecondsAgo: lastAnswerMs === null ? null : secondsSince(lastAnswerMs),
      problem,
    })),
  };
}
