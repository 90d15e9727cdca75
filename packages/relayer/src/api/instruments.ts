import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { instrumentToWire } from "@plimsoll/protocol/to-wire";
import type { ReportKeeper } from "./accountReports.ts";
import { responses } from "./responses.ts";
import { instrumentSchema } from "./schemas.ts";

const listInstruments = createRoute({
  method: "get",
  path: "/v1/instruments",
  summary: "Instruments that can be proven",
  description:
    "What has a leaf in the newest attested epoch, which every chain with a consumer gets: a unit's mark, notional, charge " +
    "and funding index in USD with 8 decimals. Status 0 is active, 1 may only be reduced, 2 has settled.",
  responses: responses("Instruments, ascending by id", z.array(instrumentSchema)),
});

export function addInstrumentRoutes(app: OpenAPIHono, reports: ReportKeeper): void {
  app.openapi(listInstruments, (context) => {
    const { instruments } = reports.newest().content.epoch;
    return context.json(
      Array.from(instruments, ([id, leaf]) => instrumentToWire(id, leaf)),
      200,
    );
  });
}
