import { deleverage } from "@plimsoll/sdk/actions/deleverage";
import { takeOver } from "@plimsoll/sdk/actions/takeOver";
import type { Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { getChain } from "@plimsoll/sdk/deployment";
import {
  AllotmentExceeded,
  ContractRefused,
  GrossLimitExceeded,
  InstrumentReduceOnly,
  NoBackstop,
} from "@plimsoll/sdk/errors/contract";
import { isProblem } from "@plimsoll/sdk/errors/node";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import type { Config as Wallets } from "@wagmi/core";
import type { Logger } from "pino";
import { whole } from "./fraction.ts";

export interface InsolventOptions {
  readonly wallets: Wallets;
  readonly plimsoll: Plimsoll;
  readonly log: Logger;
}

/** What the backstop cannot take a sixteenth of is closed against others. */
const fractions = [1n, 2n, 4n, 8n, 16n].map((part) => whole / part);

/**
 * Has the backstop take as much of an insolvent account's book as it can; what it has no room for is closed against those
 * on the other side. Each pays nothing to whoever calls.
 */
export async function resolveInsolvent(book: Liquidation, { wallets, plimsoll, log }: InsolventOptions): Promise<void> {
  const { eid, consumer: market, account, owed, allotment, gross } = book;
  if (gross === 0n && owed <= (allotment[0] ?? 0n)) return;
  const place = { eid, market, account };
  const told = { chain: getChain(plimsoll.deployment, eid).name, account };
  for (const fraction of fractions) {
    try {
      const { loss } = await takeOver(wallets, plimsoll, { ...place, fraction });
      log.info({ ...told, fraction: String(fraction), loss: String(loss) }, "book taken over");
      return;
    } catch (error) {
      if (error instanceof NoBackstop) break;
      if (!isTooMuch(error)) throw error;
    }
  }
  if (gross === 0n) {
    log.warn({ ...told, owed: String(owed) }, "nobody has room for a debt");
    return;
  }
  for (const fraction of fractions) {
    try {
      const { closed } = await deleverage(wallets, plimsoll, { ...place, fraction });
      log.info({ ...told, fraction: String(fraction), closed: closed.length }, "book deleveraged");
      return;
    } catch (error) {
      if (isProblem(error, "no-queue")) break;
      if (!isTooMuch(error)) throw error;
    }
  }
  log.warn({ ...told, gross: String(gross) }, "nobody can take an insolvent book");
}

/** A smaller part may pass. */
function isTooMuch(error: unknown): boolean {
  if (error instanceof AllotmentExceeded || error instanceof GrossLimitExceeded) return true;
  if (error instanceof InstrumentReduceOnly) return true;
  return error instanceof ContractRefused && ["TooManyPositions", "MissingAccount"].includes(error.errorName ?? "");
}
