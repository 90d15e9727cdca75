import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { bytes32, limit } from "./parameters.ts";
import { ProblemError } from "./problem.ts";
import { responses } from "./responses.ts";
import { messageSchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";

const listMessages = createRoute({
  method: "get",
  path: "/v1/messages",
  summary: "LayerZero messages of this deployment, newest first",
  description: "A status is looked for among the newest 5000 that the other parameters leave.",
  request: {
    query: z.object({
      account: bytes32.optional(),
      status: z.enum(["sent", "verified", "delivered", "failed"]).optional(),
      limit: limit.optional(),
      before: bytes32.optional().openapi({ description: "The guid that ended the page before." }),
    }),
  },
  responses: responses("Messages", z.array(messageSchema)),
});

const getMessage = createRoute({
  method: "get",
  path: "/v1/messages/{guid}",
  summary: "One LayerZero message",
  request: { params: z.object({ guid: bytes32 }) },
  responses: responses("The message", messageSchema),
});

export function addMessageRoutes(app: OpenAPIHono, source: ApiSource): void {
  app.openapi(listMessages, (context) => {
    const { account, status, limit: most, before } = context.req.valid("query");
    const parameters = {
      ...(account === undefined ? {} : { account }),
      ...(status === undefined ? {} : { status }),
      ...(most === undefined ? {} : { limit: most }),
      ...(before === undefined ? {} : { before }),
    };
    return context.json([...source.listMessages(parameters)], 200);
  });
  app.openapi(getMessage, (context) => {
    const { guid } = context.req.valid("param");
    const message = source.getMessage(guid);
    if (message === null) {
      const hint = "It may be too new: this node reads a block a moment after it is made. See GET /v1/health.";
      throw new ProblemError(404, "unknown-message", `No message has the guid ${guid}.`, hint);
    }
    return context.json(message, 200);
  });
}
