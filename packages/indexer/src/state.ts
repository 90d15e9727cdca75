import type { Eid } from "@plimsoll/protocol/ids";
import type { ChainState, Cut, CutBlock, StateAtCut } from "@plimsoll/protocol/state";
import { checkBlock, conflict } from "./cut.ts";
import type { Database } from "./database.ts";
import { boundChains } from "./deployment.ts";
import { ContractNotFollowedError, CutNotIndexedError } from "./errors.ts";
import { collateralAt } from "./state/collateral.ts";
import { averagesAt, feedsAt } from "./state/feeds.ts";
import { fundingAt } from "./state/funding.ts";
import { ledgerAt, weightsAt } from "./state/hub.ts";
import { portfoliosAt } from "./state/portfolio.ts";
import { postedAt } from "./state/posted.ts";
import { riskAt } from "./state/risk.ts";
import type { ChainIdentity } from "./tables/identity.ts";

/**
 * Everything that the transition reads of the chains, at a cut: the newest or any earlier one. Maps are in ascending
 * order of their keys.
 *
 * @throws {CutNotIndexedError} a block of the cut has not been read, or a chain of the deployment is missing in it.
 * @throws {CutConflictError} a block of the cut is not on the chain we follow.
 * @throws {RiskRegistryNotReadyError} no scenario set or margin parameters are registered yet.
 * @throws {ContractNotFollowedError} the registry names a vault or consumer that this node does not follow.
 *
 * @param known The state at another cut: of chains that are still on its blocks, only what changed since is read, and what
 * did not is the same object. The result is the same without it.
 * @example
 * const state = stateAtCut(database, hubEid, cut);
 */
export function stateAtCut(database: Database, hubEid: Eid, cut: Cut, known?: StateAtCut): StateAtCut {
  // One transaction, so that no block is committed between two of the queries.
  return database.sqlite.transaction(() => readState(database, hubEid, cut, known))();
}

function readState(database: Database, hubEid: Eid, cut: Cut, known: StateAtCut | undefined): StateAtCut {
  const bound = boundChains(database);
  const blocks = new Map(cut.map((block) => [block.eid, block]));
  for (const { eid } of bound) refuseUnread(database, eid, blocks.get(eid));
  const hubBlock = blocks.get(hubEid);
  if (hubBlock === undefined) throw notIndexed(`the cut has no block of the hub (${hubEid})`);
  const risk = riskAt(database, hubBlock);
  const identities = new Map(bound.map(({ eid, identity }) => [eid, identity]));
  for (const [eid, vault] of risk.vaults) {
    if (identities.get(eid)?.vault !== vault) throw notFollowed("vault", eid, vault);
  }
  for (const key of risk.consumers.keys()) {
    const [eid = "", consumer = ""] = key.split(":");
    const followed = identities.get(Number(eid))?.consumers.some((address) => address === consumer);
    if (!followed) throw notFollowed("consumer", Number(eid), consumer);
  }
  const knownChain = (block: CutBlock): ChainState | undefined => {
    const chain = known?.chains.get(block.eid);
    const leadsTo = chain !== undefined && chain.block.number <= block.number;
    return leadsTo && checkBlock(database, chain.block) === "canonical" ? chain : undefined;
  };
  const knownHub = hubEid === known?.hub.eid ? knownChain(hubBlock) : undefined;
  const since = <Values>(values: Values | undefined) => knownHub && values && { block: knownHub.block, values };
  return {
    cut,
    hub: {
      eid: hubEid,
      risk,
      ...feedsAt(database, hubBlock, risk.underlyings),
      averages: averagesAt(database, hubBlock, risk),
      fundingIndex: fundingAt(database, hubBlock, blocks, risk),
      ledger: ledgerAt(database, hubBlock, since(known?.hub.ledger)),
      weights: weightsAt(database, hubBlock, since(known?.hub.weights)),
    },
    chains: new Map(
      cut.map((block) => [block.eid, chainAt(database, block, identities.get(block.eid), knownChain(block))]),
    ),
  };
}

function chainAt(
  database: Database,
  block: CutBlock,
  identity: ChainIdentity | undefined,
  known: ChainState | undefined,
): ChainState {
  const consumers = identity?.consumers ?? [];
  const since = <Values>(values: Values | undefined) => known && values && { block: known.block, values };
  return {
    block,
    ...postedAt(database, block),
    vaultTotals: collateralAt(database, block, since(known?.vaultTotals)),
    portfolios: new Map(
      consumers.map((consumer) => [
        consumer,
        portfoliosAt(database, block, consumer, since(known?.portfolios.get(consumer))),
      ]),
    ),
  };
}

function refuseUnread(database: Database, eid: Eid, block: CutBlock | undefined): void {
  if (block === undefined) throw notIndexed(`the cut has no block of chain ${eid}`);
  const verdict = checkBlock(database, block);
  if (verdict === "conflict") throw conflict(block);
  if (verdict === "unknown") throw notIndexed(`block ${block.number} of chain ${eid} has not been read`);
}

function notIndexed(message: string): CutNotIndexedError {
  return new CutNotIndexedError(message, "Wait until this node has caught up, then ask again.");
}

function notFollowed(what: string, eid: Eid, address: string): ContractNotFollowedError {
  return new ContractNotFollowedError(
    `the risk registry names ${what} ${address} on chain ${eid}, which this node does not follow`,
    `Add it to the configuration of chain ${eid} and start again.`,
  );
}
