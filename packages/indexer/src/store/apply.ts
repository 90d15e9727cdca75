import { feedVolatilityRule } from "@plimsoll/protocol/feed-volatility-rule";
import type { Eid } from "@plimsoll/protocol/ids";
import { abs } from "@plimsoll/risk/fixed-point";
import { observeAnswer } from "@plimsoll/risk/multiplier/feed-volatility";
import { and, desc, eq } from "drizzle-orm";
import type { Hex } from "viem";
import type { Database } from "../database.ts";
import type { PortfolioChanged } from "../decode/consumer.ts";
import { reportedAccount } from "../decode/endpoint.ts";
import type { ChainEvent } from "../decode/event.ts";
import { operatorSets, postedEpochs } from "../tables/attestation.ts";
import { ledgerTotals, vaultTotals, weights } from "../tables/collateral.ts";
import { packetsDelivered, packetsFailed, packetsSent, packetsVerified } from "../tables/message.ts";
import { cash, openInterests, positions, premiums } from "../tables/portfolio.ts";
import { feedAnswers, riskSettings } from "../tables/risk.ts";
import type { OurContracts } from "./ours.ts";
import { insertRow } from "./statements.ts";
import { inForce, supersede } from "./supersede.ts";

/** Where an event happened. */
export interface Place {
  readonly eid: Eid;
  readonly block: number;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  readonly timestampSeconds: number;
}

/** Writes one event's rows. Inside the transaction of its block, in the order of the chain. */
export function applyEvent(database: Database, ours: OurContracts, place: Place, event: ChainEvent): void {
  const { eid, block, logIndex, transactionHash, timestampSeconds } = place;
  const at = { eid, block, logIndex, transactionHash };
  switch (event.type) {
    case "vault-totals": {
      const key = { eid, account: event.account, asset: event.asset };
      const before = inForce(database, vaultTotals, key);
      supersede(database, vaultTotals, block, key, {
        deposited: event.deposited ?? before?.deposited ?? 0n,
        withdrawn: event.withdrawn ?? before?.withdrawn ?? 0n,
        requestedTotal: event.requestedTotal ?? before?.requestedTotal ?? 0n,
      });
      return;
    }
    case "ledger-totals":
      for (const { asset, deposited, withdrawn } of event.totals) {
        const key = { eid, vaultEid: event.vaultEid, account: event.account, asset };
        supersede(database, ledgerTotals, block, key, { deposited, withdrawn, sequence: event.sequence });
      }
      return;
    case "weights":
      supersede(database, weights, block, { eid, account: event.account }, { list: [...event.weights] });
      return;
    case "portfolio": {
      const key = { eid, consumer: event.consumer, account: event.account };
      supersede(database, cash, block, key, { amount: event.cash });
      applySize(database, place, event);
      return;
    }
    case "premium": {
      const { consumer, instrument, premiumSeconds, premium, volume } = event;
      const values = { atSeconds: timestampSeconds, premiumSeconds, premium, volume };
      supersede(database, premiums, block, { eid, consumer, instrument }, values);
      return;
    }
    case "risk-setting": {
      const key = { eid, kind: event.setting.kind, key: event.key };
      const { setting, version } = event;
      supersede(database, riskSettings, block, key, { setting, version, atSeconds: timestampSeconds });
      return;
    }
    case "feed-answer": {
      const { answer, updatedAtSeconds } = event;
      const key = { eid, feed: event.feed };
      const before = inForce(database, feedAnswers, key)?.volatility ?? undefined;
      // Relative moves alone count, so the feed's own decimals do as well as ours.
      const volatility = observeAnswer(before, { priceE8: answer, updatedAtSeconds }, feedVolatilityRule) ?? null;
      supersede(database, feedAnswers, block, key, {
        ...{ answer, updatedAtSeconds, atSeconds: timestampSeconds, volatility },
      });
      return;
    }
    case "posted-epoch": {
      const { epoch, root, chainRoot, expiresAtSeconds } = event;
      const row = { ...at, epoch, root, chainRoot, expiresAtSeconds };
      insertRow(database, postedEpochs, row, "ignore");
      return;
    }
    case "operator-set": {
      const { source, id, threshold, members } = event;
      const row = { eid, block, logIndex, source, id, threshold, members: [...members], timestampSeconds };
      insertRow(database, operatorSets, row, "ignore");
      return;
    }
    default:
      applyPacketEvent(database, ours, { ...at, timestampSeconds }, event);
  }
}

/** One account's position, and with it what all together hold. */
function applySize(database: Database, { eid, block, timestampSeconds }: Place, event: PortfolioChanged): void {
  const { consumer, account, instrument, size } = event;
  const key = { eid, consumer, account, instrument };
  const before = inForce(database, positions, key)?.size ?? 0n;
  supersede(database, positions, block, key, { size });
  if (before === size) return;
  const ofAll = { eid, consumer, instrument };
  const held = (inForce(database, openInterests, ofAll)?.size ?? 0n) + abs(size) - abs(before);
  supersede(database, openInterests, block, ofAll, { size: held, atSeconds: timestampSeconds });
}

function applyPacketEvent(
  database: Database,
  ours: OurContracts,
  at: Place,
  event: Extract<ChainEvent, { type: `packet-${string}` }>,
): void {
  if (!ours.has(event.srcEid, event.sender) && !ours.has(event.dstEid, event.receiver)) return;
  const { nonce, srcEid, dstEid, sender, receiver, guid } = event;
  const path = { nonce, srcEid, dstEid, sender, receiver };
  switch (event.type) {
    case "packet-sent": {
      const isReport = ours.has(srcEid, sender) && ours.isLedger(dstEid, receiver);
      const account = isReport ? reportedAccount(event.message) : null;
      const row = { ...at, ...path, guid, payloadHash: event.payloadHash, account };
      insertRow(database, packetsSent, row, "ignore");
      return;
    }
    case "packet-verified": {
      const row = { ...at, ...path, guid, payloadHash: event.payloadHash };
      insertRow(database, packetsVerified, row, "ignore");
      return;
    }
    case "packet-failed": {
      const row = { ...at, guid, payloadHash: event.payloadHash };
      insertRow(database, packetsFailed, row, "ignore");
      return;
    }
    case "packet-delivered": {
      const payloadHash = lastVerified(database, at.eid, guid);
      if (payloadHash === undefined) return;
      insertRow(database, packetsDelivered, { ...at, guid, payloadHash }, "ignore");
    }
  }
}

/** The endpoint delivers the payload that was verified last, and its event does not say which that was. */
function lastVerified(database: Database, eid: Eid, guid: Hex): Hex | undefined {
  return database.drizzle
    .select({ payloadHash: packetsVerified.payloadHash })
    .from(packetsVerified)
    .where(and(eq(packetsVerified.guid, guid), eq(packetsVerified.eid, eid)))
    .orderBy(desc(packetsVerified.block), desc(packetsVerified.logIndex))
    .limit(1)
    .get()?.payloadHash;
}
