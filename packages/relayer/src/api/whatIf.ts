import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AccountId } from "@plimsoll/protocol/ids";
import { riskAccountAt, riskMarketAt } from "@plimsoll/protocol/risk-market";
import type { RiskMarket } from "@plimsoll/risk/account/market";
import { RiskError } from "@plimsoll/risk/errors";
import type { Change } from "@plimsoll/risk/what-if/change";
import { whatIfReport } from "@plimsoll/risk/what-if/report";
import type { TradeKind } from "@plimsoll/risk/what-if/trade-search";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ReportKeeper } from "./accountReports.ts";
import { bytes32 } from "./parameters.ts";
import { ProblemError } from "./problem.ts";
import { responses } from "./responses.ts";
import type { ApiSource } from "./source.ts";
import { type Answer, answerSchema, type Question, questionSchema } from "./whatIfSchemas.ts";

const mostBytes = 8_192;

const askWhatIf = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/what-if",
  summary: "What if",
  description:
    "Margin after trades, transfers and moves of prices that are only supposed; what drives it; what the same positions " +
    "would need as isolated ones; Greeks; the largest trades that still fit, and the cheapest one that restores a distressed " +
    "account. It starts from the newest attested epoch, and says nothing of what chains would permit: they let an account " +
    "that holds nothing lose no part of what it keeps for exit. A chain's vault " +
    "is named by its eid, a portfolio by `eid:consumer`, an asset by `eid:token`. Greeks are doubles.",
  request: {
    params: z.object({ account: bytes32 }),
    body: { required: true, content: { "application/json": { schema: questionSchema } } },
  },
  responses: responses("The answer", answerSchema),
});

/**
 * Serves hypotheses. They cost more than looking something up, so that `limit` is one of their own.
 */
export function addWhatIfRoute(
  app: OpenAPIHono,
  source: ApiSource,
  reports: ReportKeeper,
  limit: MiddlewareHandler,
): void {
  const marketAt = createMarkets(source, reports);
  const refuseLarge = () => {
    throw new ProblemError(413, "refused-body", `A question has at most ${mostBytes} bytes.`, "Ask less at once.");
  };
  app.use(askWhatIf.getRoutingPath(), limit, bodyLimit({ maxSize: mostBytes, onError: refuseLarge }));
  app.openapi(askWhatIf, (context) => {
    const { account } = context.req.valid("param");
    const question = context.req.valid("json");
    const { epoch, market, held } = marketAt(account);
    const { liquidation } = question;
    try {
      const report = whatIfReport({ market, account: held, ...parsed(question) }, { liquidation, write: String });
      const answer: Answer = { account, epoch, ...report };
      return context.json(answer, 200);
    } catch (error) {
      if (!(error instanceof RiskError)) throw error;
      throw new ProblemError(400, "impossible-question", error.message, error.hint);
    }
  });
}

/** The market of the newest epoch, made once for all who ask, and an account in it. */
function createMarkets({ view }: ApiSource, reports: ReportKeeper) {
  let made: { readonly root: string; readonly market: RiskMarket } | null = null;
  return (account: AccountId) => {
    const { content, reports: all } = reports.newest();
    const { epoch } = content;
    const report = all.get(account);
    if (report === undefined) {
      const hint = "A deposit counts a few epochs after it is made: see inFlight in the account's view.";
      throw new ProblemError(
        404,
        "unknown-account",
        `Nothing of ${account} counts at epoch ${epoch.header.epoch}.`,
        hint,
      );
    }
    if (report.problem !== null) {
      const why = report.problem === "unpriced" ? "holds what has no price at the moment" : "is too large";
      const hint = "Ask again when its feeds are back.";
      throw new ProblemError(503, "account-not-valued", `${account} ${why}.`, hint);
    }
    const state = view.stateAt(epoch.cut);
    if (made?.root !== epoch.header.root) made = { root: epoch.header.root, market: riskMarketAt(state, epoch) };
    return { epoch: epoch.header.epoch, market: made.market, held: riskAccountAt(state, account, report) };
  };
}

type AskedTrade = Question["largest"][number];
const tradeOf = ({ eid, consumer, instrument, price }: AskedTrade): TradeKind => ({
  chain: `${eid}:${consumer}`,
  instrument,
  ...(price === undefined ? {} : { priceE8: price }),
});

function parsed({ changes, largest, restore }: Question) {
  return {
    changes: changes.map((change): Change => {
      if (change.kind === "trade") return { kind: "trade", ...tradeOf(change), size: change.size };
      if (change.kind !== "transfer") return change;
      const { eid, asset, amount } = change;
      return { kind: "transfer", chain: `${eid}`, asset: `${eid}:${asset}`, amount };
    }),
    largest: largest.map(tradeOf),
    restore: restore?.map(tradeOf),
  };
}
