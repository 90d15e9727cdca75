import type { AccountProvenance } from "@plimsoll/indexer/provenance";
import { type Allotment, accountStatus, type Epoch } from "@plimsoll/protocol/epoch";
import type { AccountAssetKey, AccountId, UnderlyingId } from "@plimsoll/protocol/ids";
import type { StateAtCut } from "@plimsoll/protocol/state";
import type { AccountReport, ConsumerReport } from "@plimsoll/protocol/transition/account";
import type { MessageJson } from "@plimsoll/protocol/wire";
import { attributeMargin, type ChainPortfolio, type MarginAttribution } from "@plimsoll/risk/attribution/attribution";
import { max, min } from "@plimsoll/risk/fixed-point";
import type { Address, Hex } from "viem";

/** What an explanation is made of: one epoch, as this node computed it, and where its figures come from. */
export interface ExplainFacts {
  readonly account: AccountId;
  readonly epoch: Epoch;
  /** At the epoch's cut. */
  readonly state: StateAtCut;
  readonly report: AccountReport;
  readonly provenance: AccountProvenance;
  /** LayerZero messages that speak of the account, newest first. */
  readonly messages: readonly MessageJson[];
  readonly chainName: (eid: number) => string;
}

/** One asset at one vault: what was put there, how the hub came to know, and what it counts for. */
export interface ExplainedCollateral {
  readonly chain: string;
  readonly asset: Address;
  readonly decimals: number;
  readonly underlying: UnderlyingId | null;
  readonly haircutBps: number;
  /** As the vault has it at the cut, and in which of its blocks it came to that. */
  readonly held: bigint;
  readonly vaultBlock: number | null;
  /** As the hub was told, in which of its blocks, by which report, and by which message where one brought it. */
  readonly reported: bigint;
  readonly ledgerBlock: number | null;
  readonly sequence: bigint | null;
  readonly message: MessageJson | null;
  /** In the vault and of no report that has reached the hub: counts for nothing yet. */
  readonly unreported: bigint;
  /** Approved and not yet claimed: counts for nothing any more. */
  readonly unclaimed: bigint;
  /** Asked for, and not approved yet: counts as long as it is not. */
  readonly asked: bigint;
  readonly counted: bigint;
  readonly value: bigint;
  /** What of it could leave by exit if operators fell silent now, approved withdrawals included. */
  readonly exitable: bigint;
}

/** One position, with the price that binds and what it adds to initial margin. */
export interface ExplainedPosition {
  readonly instrument: Hex;
  readonly size: bigint;
  readonly block: number | null;
  /** With no shock and in the binding scenario, USD with 8 decimals a unit. */
  readonly price: bigint;
  readonly stressedPrice: bigint;
  readonly margin: bigint;
}

export interface ExplainedPortfolio {
  readonly chain: string;
  readonly consumer: Address;
  readonly cash: bigint;
  readonly cashBlock: number | null;
  readonly positions: readonly ExplainedPosition[];
  /** In the binding scenario: what it loses, what may be lost unseen, and what it may lose; null without a leaf. */
  readonly loss: bigint;
  readonly reserved: bigint;
  readonly allotment: bigint | null;
  /** What others may sell here, or null where they may not. */
  readonly sold: ExplainedSale | null;
}

/** What is left to an account whose positions others may take: USD with 8 decimals. */
export type ExplainedSale =
  /** Liquidatable: down to so much notional. */
  | { readonly to: "liquidators"; readonly notionalLeft: bigint }
  /** Insolvent: all of it, and it may be left owing no more than this. */
  | { readonly to: "backstop"; readonly owing: bigint };

export interface Explanation {
  readonly facts: ExplainFacts;
  readonly collateral: readonly ExplainedCollateral[];
  readonly portfolios: readonly ExplainedPortfolio[];
  /** What the binding scenario does to each underlying: those that it moves. */
  readonly shocks: readonly {
    readonly underlying: UnderlyingId;
    readonly priceBps: number;
    readonly volatilityBps: number;
  }[];
  /** Null where the account cannot be valued. */
  readonly attribution: MarginAttribution | null;
}

/** What of collateral takes part in margin, under one name. */
export const collateralName = "collateral";

/**
 * Takes an account's margin apart: every figure with the block that it comes from, every report with its message, every
 * position with what it adds to initial margin. The parts add up to the margin that was signed by, to the last digit.
 *
 * @example
 * const { attribution, collateral } = explainAccount(facts);
 */
export function explainAccount(facts: ExplainFacts): Explanation {
  const { report, state } = facts;
  const attribution = report.problem === null ? attribute(facts) : null;
  const { underlyings, priceShocksBps, volatilityShocksBps } = state.hub.risk.scenarios;
  const row = report.margin.worstScenario * underlyings.length;
  const shocks = underlyings.map((underlying, column) => ({
    underlying,
    priceBps: priceShocksBps[row + column] ?? 0,
    volatilityBps: volatilityShocksBps[row + column] ?? 0,
  }));
  return {
    facts,
    collateral: explainCollateral(facts),
    portfolios: report.consumers.map((consumer) => explainPortfolio(facts, consumer, attribution)),
    shocks: shocks.filter(({ priceBps, volatilityBps }) => priceBps !== 0 || volatilityBps !== 0),
    attribution,
  };
}

function explainCollateral(facts: ExplainFacts): ExplainedCollateral[] {
  const { account, state, report, provenance, messages, chainName } = facts;
  return report.collateral.map(({ eid, asset, counted, value, requestedTotal, approvedTotal, exitTotal }) => {
    const key: AccountAssetKey = `${account}:${asset}`;
    const vault = state.chains.get(eid)?.vaultTotals.get(key);
    const ledger = state.hub.ledger.get(eid)?.get(key);
    const deposited = vault?.deposited ?? 0n;
    const withdrawn = vault?.withdrawn ?? 0n;
    const known = min(deposited, ledger?.deposited ?? 0n);
    const registered = state.hub.risk.assets.get(`${eid}:${asset}`);
    const told = provenance.ledger.find((row) => row.vaultEid === eid && row.asset === asset);
    const brought = messages.find(
      ({ srcEid, delivered }) => srcEid === eid && told !== undefined && delivered?.blockNumber === told.block,
    );
    return {
      chain: chainName(eid),
      asset,
      decimals: registered?.decimals ?? 0,
      underlying: registered?.underlying ?? null,
      haircutBps: registered?.haircutBps ?? 0,
      held: deposited - withdrawn,
      vaultBlock: provenance.vaults.find((row) => row.eid === eid && row.asset === asset)?.block ?? null,
      reported: (ledger?.deposited ?? 0n) - (ledger?.withdrawn ?? 0n),
      ledgerBlock: told?.block ?? null,
      sequence: told?.sequence ?? null,
      message: brought ?? null,
      unreported: deposited - known,
      unclaimed: max(0n, known - withdrawn - counted),
      asked: max(0n, requestedTotal - max(approvedTotal, withdrawn)),
      counted,
      value,
      exitable: max(0n, exitTotal - withdrawn),
    };
  });
}

const partName = ({ eid, consumer }: Pick<ConsumerReport, "eid" | "consumer">): string => `${eid}:${consumer}`;

function explainPortfolio(
  facts: ExplainFacts,
  consumerReport: ConsumerReport,
  attribution: MarginAttribution | null,
): ExplainedPortfolio {
  const { account, state, report, provenance, chainName } = facts;
  const { eid, consumer, losses, reserved, allotment } = consumerReport;
  const portfolio = state.chains.get(eid)?.portfolios.get(consumer)?.get(account);
  const s = report.margin.worstScenario;
  const isHere = (row: { eid: number; consumer: Address }) => row.eid === eid && row.consumer === consumer;
  return {
    chain: chainName(eid),
    consumer,
    cash: portfolio?.cash ?? 0n,
    cashBlock: provenance.cash.find(isHere)?.block ?? null,
    positions: [...(portfolio?.positions ?? [])].map(([instrument, size]) => {
      const prices = report.prices.get(instrument)?.prices;
      const part = attribution?.positions.find(
        ({ chain, name }) => chain === partName(consumerReport) && name === instrument,
      );
      return {
        instrument,
        size,
        block: provenance.positions.find((row) => isHere(row) && row.instrument === instrument)?.block ?? null,
        price: prices?.[0] ?? 0n,
        stressedPrice: prices?.[s] ?? 0n,
        margin: part?.margin ?? 0n,
      };
    }),
    loss: losses[s] ?? 0n,
    reserved: reserved[s] ?? 0n,
    allotment: allotment === null ? null : (allotment.losses[s] ?? 0n),
    sold: allotment === null ? null : explainSale(allotment),
  };
}

function explainSale({ status, grossLimit, losses }: Allotment): ExplainedSale | null {
  if (status === accountStatus.liquidatable) return { to: "liquidators", notionalLeft: grossLimit };
  return status === accountStatus.insolvent ? { to: "backstop", owing: losses[0] ?? 0n } : null;
}

/** Whatever the account is worth beside its portfolios is its collateral, less what large positions cost. */
function attribute({ account, state, report }: ExplainFacts): MarginAttribution {
  const beside = Array.from(report.values, (value, s) =>
    report.consumers.reduce((sum, { losses }) => sum + (losses[s] ?? 0n), value),
  );
  const portfolios = report.consumers.map((consumerReport): ChainPortfolio => {
    const { eid, consumer } = consumerReport;
    const portfolio = state.chains.get(eid)?.portfolios.get(consumer)?.get(account);
    const positions = [...(portfolio?.positions ?? [])].flatMap(([instrumentId, size]) => {
      const instrument = report.prices.get(instrumentId);
      return instrument === undefined ? [] : [{ instrumentId, size, instrument }];
    });
    return { chain: partName(consumerReport), cash: portfolio?.cash ?? 0n, positions, collateral: [] };
  });
  const collateral = {
    chain: collateralName,
    cash: 0n,
    positions: [],
    collateral: [{ asset: collateralName, values: beside }],
  };
  return attributeMargin([...portfolios, collateral], state.hub.risk.margin.maintenanceBps);
}
