import type { Eid } from "@plimsoll/protocol/ids";
import type { Account } from "@plimsoll/sdk/node/accountSchema";
import type { Address } from "viem";
import { type Part, type Room, roomAfter } from "./fraction.ts";

/** What the taker may still take, by market: what its newest epoch allows, less what it took since. */
export interface Rooms {
  /** Takes an epoch's view over; null: the account has nothing to take positions with. The same epoch again changes nothing. */
  see(taker: Account | null): void;
  of(eid: Eid, market: Address): Room | undefined;
  take(eid: Eid, market: Address, part: Part): void;
}

/** @example const rooms = createRooms(); */
export function createRooms(): Rooms {
  let rooms = new Map<string, Room>();
  let epoch: number | null = null;
  const keyOf = (eid: Eid, market: Address) => `${eid}:${market}`;
  return {
    see(taker) {
      if (taker !== null && taker.epoch === epoch) return;
      epoch = taker?.epoch ?? null;
      rooms = new Map(taker?.portfolios.flatMap((one) => roomOf(one, keyOf(one.eid, one.consumer))) ?? []);
    },
    of: (eid, market) => rooms.get(keyOf(eid, market)),
    take(eid, market, part) {
      const room = rooms.get(keyOf(eid, market));
      if (room !== undefined) rooms.set(keyOf(eid, market), roomAfter(room, part));
    },
  };
}

function roomOf({ allotment, losses, positions }: Account["portfolios"][number], key: string): [string, Room][] {
  if (allotment === null || allotment.status !== "active") return [];
  // At mark, which an option's notional is above: the market's own check has the last word.
  const held = positions.reduce((sum, { size, mark }) => sum + (size < 0n ? -size : size) * mark, 0n) / 10n ** 8n;
  const left = allotment.losses.map((most, s) => most - (losses[s] ?? 0n));
  return [[key, { losses: left, gross: allotment.grossLimit - held }]];
}
