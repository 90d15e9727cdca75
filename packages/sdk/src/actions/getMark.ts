import { parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid, InstrumentId } from "@plimsoll/protocol/ids";
import type { Address } from "viem";
import type { Plimsoll } from "../createPlimsoll.ts";
import { getMarket } from "../deployment.ts";
import type { MarketNotNamed, NoMarket, UnknownChain, UnknownMarket } from "../errors/deployment.ts";
import { fetchTradeProofs } from "../node/fetchTradeProofs.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";

export interface GetMarkParameters {
  /** The market's chain. */
  readonly eid: Eid;
  /** The chain's only market by default. */
  readonly market?: Address | undefined;
  readonly instrument: InstrumentId;
  /** An account with an allotment on that market: nodes prove instruments together with accounts. */
  readonly account: AccountId;
}

export interface GetMarkReturnType {
  /** USD a unit with 8 decimals. */
  readonly mark: bigint;
  /** The attested epoch that says so. */
  readonly epoch: bigint;
}

export type GetMarkErrorType =
  | MalformedAccountId
  | UnknownChain
  | NoMarket
  | MarketNotNamed
  | UnknownMarket
  | RequestNodeErrorType;

/**
 * An instrument's mark price in the newest attested epoch: what positions are valued at.
 * @example
 * const { mark } = await getMark(plimsoll, { eid: birch.eid, instrument: nameToId("BTC-PERP"), account });
 */
export async function getMark(plimsoll: Plimsoll, parameters: GetMarkParameters): Promise<GetMarkReturnType> {
  const { eid, instrument } = parameters;
  const { attestation, instruments } = await fetchTradeProofs(plimsoll, {
    eid,
    market: getMarket(plimsoll.deployment, eid, parameters.market),
    accounts: [parseAccountId(parameters.account)],
    instruments: [instrument],
  });
  return { mark: instruments[0]?.mark ?? 0n, epoch: attestation.header.epoch };
}
