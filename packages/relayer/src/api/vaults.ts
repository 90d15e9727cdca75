import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ReportKeeper, Reports } from "./accountReports.ts";
import { oncePer } from "./oncePer.ts";
import { responses } from "./responses.ts";
import { vaultLiquiditySchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";
import { vaultLiquidity } from "./vaultLiquidity.ts";

const listLiquidity = createRoute({
  method: "get",
  path: "/v1/vaults",
  summary: "What lies in each vault, and what can be claimed of it",
  description:
    "By vault and asset, as of the newest attested epoch: what is held; what owners have asked for and not been paid; " +
    "what is approved and not paid; what could be paid in all if the operators fell silent now. Of an account that holds " +
    "nothing that is half, unless its owner chose otherwise; of one with positions, what is approved.",
  responses: responses("Liquidity", z.array(vaultLiquiditySchema)),
});

export function addVaultRoutes(app: OpenAPIHono, source: ApiSource, reports: ReportKeeper): void {
  const liquidityOf = oncePer(({ content: { epoch } }: Reports) =>
    vaultLiquidity(source.view.stateAt(epoch.cut), epoch),
  );
  app.openapi(listLiquidity, (context) => context.json(liquidityOf(reports.newest()), 200));
}
