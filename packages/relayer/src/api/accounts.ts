import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { createAccountReports } from "./accountReports.ts";
import { accountView } from "./accountView.ts";
import { bytes32 } from "./parameters.ts";
import { ProblemError } from "./problem.ts";
import { findAttested } from "./provableEpochs.ts";
import { responses } from "./responses.ts";
import { accountSchema } from "./schemas.ts";
import type { ApiSource } from "./source.ts";

const getAccount = createRoute({
  method: "get",
  path: "/v1/accounts/{account}",
  summary: "One account over all chains",
  description:
    "Collateral by vault with what is in flight, the portfolio of every chain, the value in every scenario, margin, " +
    "and what each chain lets the account do, as of the newest attested epoch.",
  request: { params: z.object({ account: bytes32 }) },
  responses: responses("The account", accountSchema),
});

export function addAccountRoutes(app: OpenAPIHono, source: ApiSource): void {
  const reportsAt = createAccountReports(source);
  app.openapi(getAccount, (context) => {
    const { account } = context.req.valid("param");
    const newest = source.collateralOf(account);
    const { content, reports } = reportsAt(findAttested(source.store, undefined));
    const report = reports.get(account);
    if (report === undefined && newest.length === 0) {
      const hint = "An account is its owner's address and a sub-account number; it is known from its first deposit on.";
      throw new ProblemError(404, "unknown-account", `${account} has never deposited or traded.`, hint);
    }
    const state = source.view.stateAt(content.epoch.cut);
    const postedEpochs = source.newestPosted();
    return context.json(accountView({ account, epoch: content.epoch, state, report, newest, postedEpochs }), 200);
  });
}
