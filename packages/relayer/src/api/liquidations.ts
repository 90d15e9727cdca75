import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ReportKeeper, Reports } from "./accountReports.ts";
import { booksToLiquidate } from "./booksToLiquidate.ts";
import { oncePer } from "./oncePer.ts";
import { responses } from "./responses.ts";
import { liquidationSchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";

const listLiquidations = createRoute({
  method: "get",
  path: "/v1/liquidations",
  summary: "Accounts to be liquidated, by consumer",
  description:
    "Every book that the newest attested epoch says is to be sold by auction (liquidatable), or to be taken over by the " +
    "backstop or closed against others (insolvent), with what a liquidator needs to reckon with. Empty on most days.",
  responses: responses("Books, in the order of chain, consumer and account", z.array(liquidationSchema)),
});

export function addLiquidationRoutes(app: OpenAPIHono, source: ApiSource, reports: ReportKeeper): void {
  const booksOf = oncePer(({ content: { epoch }, reports: all }: Reports) =>
    booksToLiquidate(source.view.stateAt(epoch.cut), epoch, all),
  );
  app.openapi(listLiquidations, (context) => context.json(booksOf(reports.newest()), 200));
}
