import type { Eid } from "@plimsoll/protocol/ids";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import type { Logger } from "pino";
import type { LiquidatorConfig } from "./config.ts";
import type { Effects, Place, Spent } from "./effects.ts";
import type { LiquidatorEvent } from "./events.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

export interface DeskOptions {
  readonly policy: Pick<LiquidatorConfig, "bidding" | "chains" | "pollMs" | "unpaid">;
  /** The deployment's chains, by eid. */
  readonly chainNames: ReadonlyMap<Eid, string>;
  readonly effects: Effects;
  readonly log: Logger;
  readonly onEvent?: (event: LiquidatorEvent) => void;
}

/** What everything that the bot does has at hand: policy, effects, and whom to tell. */
export interface Desk extends Required<DeskOptions> {
  nameOf(eid: Eid): string;
  told(place: Place, type: "started" | "ended" | "taken-over" | "deleveraged", spent: Spent): void;
  /** Logs and counts why nothing came of an attempt: as a warning only where that is none of the business. */
  refused(place: Place, error: unknown, message: string): Refusal;
}

export function createDesk(options: DeskOptions): Desk {
  const { chainNames, log, onEvent = () => {} } = options;
  const nameOf = (eid: Eid) => chainNames.get(eid) ?? String(eid);
  return {
    ...options,
    onEvent,
    nameOf,
    told({ eid }, type, { gas, feeWei }) {
      onEvent({ type, chain: nameOf(eid), gas, feeWei });
    },
    refused({ eid, account }, error, message) {
      const because = refusalOf(error);
      const chain = nameOf(eid);
      onEvent({ type: "refused", chain, because });
      log[because === "failed" ? "warn" : "debug"]({ chain, account, because, err: error }, message);
      return because;
    },
  };
}

export function placeOf({ eid, consumer, account }: Liquidation): Place {
  return { eid, market: consumer, account };
}

export function keyOf({ eid, market, account }: Place): string {
  return `${eid}:${market}:${account}`;
}
