import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { AccountJson } from "@plimsoll/protocol/wire";
import type { ReportKeeper } from "./accountReports.ts";
import { accountView } from "./accountView.ts";
import { bytes32 } from "./parameters.ts";
import { ProblemError } from "./problem.ts";
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

export function addAccountRoutes(app: OpenAPIHono, accountOf: (account: AccountId) => AccountJson | null): void {
  app.openapi(getAccount, (context) => {
    const { account } = context.req.valid("param");
    const view = accountOf(account);
    if (view !== null) return context.json(view, 200);
    const hint = "An account is its owner's address and a sub-account number; it is known from its first deposit on.";
    throw new ProblemError(404, "unknown-account", `${account} has never deposited or traded.`, hint);
  });
}

/** What is told of an account; null while nothing is known of it. */
export function createAccountLookup(
  source: ApiSource,
  reports: ReportKeeper,
): (account: AccountId) => AccountJson | null {
  return (account) => {
    const newest = source.collateralOf(account);
    const { content, reports: all } = reports.newest();
    const report = all.get(account);
    if (report === undefined && newest.length === 0) return null;
    const state = source.view.stateAt(content.epoch.cut);
    return accountView({ account, epoch: content.epoch, state, report, newest, postedEpochs: source.newestPosted() });
  };
}
