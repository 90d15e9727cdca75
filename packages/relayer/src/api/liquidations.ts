import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { LiquidationJson } from "@plimsoll/protocol/wire";
import type { ReportKeeper, Reports } from "./accountReports.ts";
import { booksToLiquidate } from "./booksToLiquidate.ts";
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
  const booksOf = oncePerEpoch(source);
  app.openapi(listLiquidations, (context) => context.json(booksOf(reports.newest()), 200));
}

/** All accounts are looked through: once an epoch, whoever asks how often. */
function oncePerEpoch({ view }: Pick<ApiSource, "view">): (reports: Reports) => LiquidationJson[] {
  let known: { readonly reports: Reports; readonly books: LiquidationJson[] } | null = null;
  return (reports) => {
    if (known?.reports !== reports) {
      const { epoch } = reports.content;
      known = { reports, books: booksToLiquidate(view.stateAt(epoch.cut), epoch, reports.reports) };
    }
    return known.books;
  };
}
