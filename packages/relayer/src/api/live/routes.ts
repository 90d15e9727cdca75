import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { epochView } from "../epochs.ts";
import { bytes32 } from "../parameters.ts";
import { streamResponses } from "../responses.ts";
import { accountSchema, epochSchema, messageSchema } from "../schemas.ts";
import type { ApiSource } from "../source.ts";
import { epochFeed, messageFeed, stateFeed } from "./feeds.ts";
import type { Streams } from "./streams.ts";

const resume =
  "Server-sent events. A client that comes back with Last-Event-ID is told what it missed; an event `gap` says that it " +
  "was too much, and to look at the lists.";
const headers = z.object({
  "last-event-id": z.string().max(2_000).optional().openapi({ description: "The id of the last event that was seen." }),
});

const liveAccount = createRoute({
  method: "get",
  path: "/v1/live/accounts/{account}",
  summary: "One account, told at first and whenever anything about it changes",
  description: `${resume} Every event is the whole account, as \`GET /v1/accounts/{account}\` has it. Nothing is told while the account is not known yet.`,
  request: { params: z.object({ account: bytes32 }), headers },
  responses: streamResponses("Events `account`", accountSchema),
});

const liveEpochs = createRoute({
  method: "get",
  path: "/v1/live/epochs",
  summary: "Epochs as they are attested",
  description: `${resume} Ids are epoch numbers: they mean the same to every operator's node.`,
  request: { headers },
  responses: streamResponses("Events `epoch`", epochSchema),
});

const liveMessages = createRoute({
  method: "get",
  path: "/v1/live/messages",
  summary: "LayerZero messages as they are sent, verified, delivered, or fail",
  description: `${resume} Ids say how far each chain was read: they mean the same to every operator's node. A message may be told twice.`,
  request: { query: z.object({ account: bytes32.optional() }), headers },
  responses: streamResponses("Events `message`", messageSchema),
});

/** @param accountOf null while the account is not known. */
export function addLiveRoutes(
  app: OpenAPIHono,
  options: {
    readonly source: ApiSource;
    readonly streams: Streams;
    readonly accountOf: (account: z.infer<typeof bytes32>) => unknown;
    readonly clientOf: (headers: Headers, env: unknown) => string;
  },
): void {
  const { source, streams, accountOf, clientOf } = options;
  app.openapi(liveAccount, (context) => {
    const { account } = context.req.valid("param");
    const { "last-event-id": last = null } = context.req.valid("header");
    const feed = stateFeed("account", () => accountOf(account), last);
    return streams.respond(context, clientOf(context.req.raw.headers, context.env), feed) as never;
  });
  app.openapi(liveEpochs, (context) => {
    const { "last-event-id": last = null } = context.req.valid("header");
    const feed = epochFeed(source.store, (summary) => epochView(source, summary), last);
    return streams.respond(context, clientOf(context.req.raw.headers, context.env), feed) as never;
  });
  app.openapi(liveMessages, (context) => {
    const { account } = context.req.valid("query");
    const { "last-event-id": last = null } = context.req.valid("header");
    const indexed = () => new Map(source.chainStatus().map((status) => [status.eid, status.indexed]));
    const changed: Parameters<typeof messageFeed>[0]["changed"] = (after, upTo) => {
      const found = source.messagesBetween(after, upTo);
      return found?.filter((message) => account === undefined || message.account === account) ?? null;
    };
    const feed = messageFeed({ indexed, changed }, last);
    return streams.respond(context, clientOf(context.req.raw.headers, context.env), feed) as never;
  });
}
