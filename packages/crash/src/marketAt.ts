import { instruments } from "@plimsoll/devnet/plimsoll/market-data";
import { nameToId } from "@plimsoll/protocol/account";
import type { AccountId } from "@plimsoll/protocol/ids";
import { unpackInt64 } from "@plimsoll/protocol/packed";
import type { Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { getChain, getMarket } from "@plimsoll/sdk/deployment";
import { fetchTradeProofs } from "@plimsoll/sdk/node/fetchTradeProofs";
import type { Market, Priced } from "./isolated/isolated.ts";

/** Every instrument, by its name, as the newest attested epoch has it: the arrays that contracts check by. */
export interface AttestedMarket {
  readonly epoch: number;
  readonly priced: Market;
  /** USD a unit with 8 decimals, before funding. */
  readonly marks: ReadonlyMap<string, bigint>;
}

/** @param account one with an allotment: nodes prove instruments together with accounts. */
export async function marketAt(plimsoll: Plimsoll, account: AccountId): Promise<AttestedMarket> {
  const { eid } = getChain(plimsoll.deployment, "birch");
  const names = new Map(instruments.map(({ name }) => [nameToId(name) as string, name]));
  const { attestation, instruments: leaves } = await fetchTradeProofs(plimsoll, {
    eid,
    market: getMarket(plimsoll.deployment, eid),
    accounts: [account],
    instruments: instruments.map(({ name }) => nameToId(name)),
  });
  const priced = new Map<string, Priced>();
  const marks = new Map<string, bigint>();
  for (const { instrument, mark, notional, charge, prices } of leaves) {
    const name = names.get(instrument) ?? instrument;
    priced.set(name, { notional, charge, prices: unpackInt64(prices) });
    marks.set(name, mark);
  }
  return { epoch: Number(attestation.header.epoch), priced, marks };
}
