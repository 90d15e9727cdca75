import type { Eid } from "@plimsoll/protocol/ids";
import { and, eq, gt, notInArray } from "drizzle-orm";
import type { Database } from "../database.ts";
import { forgetFundingSums } from "../state/fundingSums.ts";
import { operatorSets, postedEpochs } from "../tables/attestation.ts";
import { blocks, checkpoints } from "../tables/chain.ts";
import { ledgerTotals, vaultTotals, weights } from "../tables/collateral.ts";
import { stillInForce } from "../tables/columns.ts";
import { packetsDelivered, packetsFailed, packetsSent, packetsVerified } from "../tables/message.ts";
import { cash, openInterests, positions, premiums } from "../tables/portfolio.ts";
import { feedAnswers, riskSettings } from "../tables/risk.ts";
import { forgetHistories } from "./feedHistory.ts";
import { everRegisteredFeeds } from "./feeds.ts";

const histories = [
  ...[vaultTotals, ledgerTotals, weights, cash, positions, openInterests, premiums],
  ...[riskSettings, feedAnswers],
];
const eventTables = [postedEpochs, operatorSets, packetsSent, packetsVerified, packetsDelivered, packetsFailed];

/** Takes back everything that one chain said above `fork`. Inside a transaction. */
export function deleteAbove(database: Database, eid: Eid, fork: number): void {
  const orm = database.drizzle;
  for (const table of histories) {
    orm
      .delete(table)
      .where(and(eq(table.eid, eid), gt(table.fromBlock, fork)))
      .run();
    orm
      .update(table)
      .set({ untilBlock: stillInForce })
      .where(and(eq(table.eid, eid), gt(table.untilBlock, fork)))
      .run();
  }
  for (const table of eventTables)
    orm
      .delete(table)
      .where(and(eq(table.eid, eid), gt(table.block, fork)))
      .run();
  orm
    .delete(blocks)
    .where(and(eq(blocks.eid, eid), gt(blocks.number, fork)))
    .run();
  // A feed whose registration was taken back is read anew, from its beginning, if it is ever registered again.
  const feeds = everRegisteredFeeds(database, eid);
  orm
    .delete(feedAnswers)
    .where(and(eq(feedAnswers.eid, eid), notInArray(feedAnswers.feed, feeds)))
    .run();
}

/** Forgets one chain altogether, so that it is read from its start again. */
export function forgetChain(database: Database, eid: Eid): void {
  forgetFundingSums(database);
  database.sqlite.transaction(() => {
    deleteAbove(database, eid, -1);
    forgetHistories(database, eid);
    database.drizzle.delete(checkpoints).where(eq(checkpoints.eid, eid)).run();
  })();
}
