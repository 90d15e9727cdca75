import type { AccountCollateral } from "@plimsoll/indexer/accounts";
import type { Allotment, Epoch } from "@plimsoll/protocol/epoch";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { StateAtCut } from "@plimsoll/protocol/state";
import { statusName } from "@plimsoll/protocol/to-wire";
import type { AccountReport, CollateralReport, ConsumerReport } from "@plimsoll/protocol/transition/account";
import type { AccountJson, CollateralJson, ConsumerPortfolioJson } from "@plimsoll/protocol/wire";
import { mulDown } from "@plimsoll/risk/fixed-point";

export interface AccountFacts {
  readonly account: AccountId;
  readonly epoch: Epoch;
  /** At the epoch's cut. */
  readonly state: StateAtCut;
  /** Undefined while nothing of the account counts yet. */
  readonly report: AccountReport | undefined;
  /** At the newest indexed blocks. */
  readonly newest: readonly AccountCollateral[];
  readonly postedEpochs: ReadonlyMap<number, number>;
}

const strings = (values: Iterable<bigint>): string[] => Array.from(values, String);

/** One portfolio over all chains: what counts at the epoch's cut, beside what the newest blocks show. */
export function accountView(facts: AccountFacts): AccountJson {
  const { account, epoch, report } = facts;
  const { base = 0n, worst = 0n, worstScenario = 0, initialMargin = 0n, maintenanceMargin = 0n } = report?.margin ?? {};
  return {
    account,
    epoch: epoch.header.epoch,
    status: report === undefined ? "active" : statusName(report.status),
    collateral: facts.newest.map((item) => collateralView(facts, item)),
    portfolios:
      report === undefined ? [] : report.consumers.map((consumer) => portfolioView(facts, report.prices, consumer)),
    values: strings(report?.values ?? []),
    base: base.toString(),
    worst: worst.toString(),
    worstScenario,
    initialMargin: initialMargin.toString(),
    maintenanceMargin: maintenanceMargin.toString(),
    concentration: (report?.concentration ?? 0n).toString(),
  };
}

const nothingCounts: Pick<CollateralReport, "counted" | "approvedTotal" | "exitTotal" | "value"> = {
  counted: 0n,
  approvedTotal: 0n,
  exitTotal: 0n,
  value: 0n,
};

function collateralView({ state, report }: AccountFacts, item: AccountCollateral): CollateralJson {
  const { eid, asset } = item;
  const { risk } = state.hub;
  const registered = risk.assets.get(`${eid}:${asset}`);
  const atCut = report?.collateral.find((one) => one.eid === eid && one.asset === asset) ?? nothingCounts;
  return {
    eid,
    vault: risk.vaults.get(eid) ?? "0x0000000000000000000000000000000000000000",
    asset,
    underlying: registered?.underlying ?? `0x${"00".repeat(32)}`,
    decimals: registered?.decimals ?? 0,
    held: (item.deposited - item.withdrawn).toString(),
    counted: atCut.counted.toString(),
    inFlight: item.inFlight.toString(),
    requestedTotal: item.requestedTotal.toString(),
    approvedTotal: atCut.approvedTotal.toString(),
    exitTotal: atCut.exitTotal.toString(),
    withdrawnTotal: item.withdrawn.toString(),
    value: atCut.value.toString(),
  };
}

function portfolioView(
  facts: AccountFacts,
  prices: AccountReport["prices"],
  report: ConsumerReport,
): ConsumerPortfolioJson {
  const { eid, consumer } = report;
  const portfolio = facts.state.chains.get(eid)?.portfolios.get(consumer)?.get(facts.account);
  const positions = [...(portfolio?.positions ?? [])].map(([instrument, size]) => {
    const { mark = 0n, funding = 0n } = prices.get(instrument) ?? {};
    // Fills move cash by the price less funding, so this is what adds up with the cash.
    const value = mulDown(size, mark - funding);
    return { instrument, size: size.toString(), mark: mark.toString(), value: value.toString() };
  });
  return {
    eid,
    consumer,
    cash: (portfolio?.cash ?? 0n).toString(),
    positions,
    losses: strings(report.losses),
    allotment: report.allotment === null ? null : allotmentView(report.allotment),
    postedEpoch: facts.postedEpochs.get(eid) ?? null,
  };
}

const allotmentView = ({ status, grossLimit, losses }: Allotment) => ({
  status: statusName(status),
  grossLimit: grossLimit.toString(),
  losses: strings(losses),
});
