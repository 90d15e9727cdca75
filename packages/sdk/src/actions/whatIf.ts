import { parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId, Eid, InstrumentId, UnderlyingId } from "@plimsoll/protocol/ids";
import type { Address } from "viem";
import type { Plimsoll } from "../createPlimsoll.ts";
import { isProblem, UnknownAccount } from "../errors/node.ts";
import { type Answer, answerSchema } from "../node/answerSchema.ts";
import { type RequestNodeErrorType, requestNode } from "../node/requestNode.ts";

/** A trade without its size, at the mark or at a price: USD a unit, 8 decimals. */
export interface SupposedTrade {
  readonly eid: Eid;
  readonly consumer: Address;
  readonly instrument: InstrumentId;
  readonly price?: bigint;
}

/** What is supposed: sizes with 8 decimals, amounts in the token's own, moves relative in basis points. */
export type SupposedChange =
  | (SupposedTrade & { readonly kind: "trade"; readonly size: bigint })
  | { readonly kind: "transfer"; readonly eid: Eid; readonly asset: Address; readonly amount: bigint }
  | {
      readonly kind: "move";
      readonly underlying: UnderlyingId;
      readonly priceBps?: number;
      readonly volatilityBps?: number;
    }
  | { readonly kind: "time"; readonly seconds: number };

export interface WhatIfParameters {
  readonly account: AccountId;
  /** One after the other; at most 16. */
  readonly changes?: readonly SupposedChange[];
  /** Trades whose largest size that fits is wanted, both ways; at most 4. */
  readonly largest?: readonly SupposedTrade[];
  /** Trades among which the cheapest that restores a distressed account is looked for; what it holds if absent. */
  readonly restore?: readonly SupposedTrade[];
  /** An underlying, to be told how far it has to move to have the account liquidated. */
  readonly liquidation?: UnderlyingId;
}

export type WhatIfReturnType = Answer;
export type WhatIfErrorType = MalformedAccountId | UnknownAccount | RequestNodeErrorType;

/**
 * Margin after trades, transfers and moves of prices that are only supposed, what drives it now, and what still fits. It
 * starts from the newest attested epoch; nothing is sent to any chain, and a chain's allotment may permit less.
 *
 * @throws {MalformedAccountId}
 * @throws {UnknownAccount} while nothing of it counts
 * @throws {NodeProblem} `impossible-question` where what is supposed cannot be; `too-many-requests`
 * @throws {NodeUnreachable}
 * @example
 * const { afterChanges } = await whatIf(plimsoll, { account, changes: [{ kind: "move", underlying: nameToId("ETH"), priceBps: -1000 }] });
 * afterChanges?.standing; // "healthy"
 */
export async function whatIf(plimsoll: Plimsoll, parameters: WhatIfParameters): Promise<WhatIfReturnType> {
  const { changes = [], largest = [], restore, liquidation } = parameters;
  const account = parseAccountId(parameters.account);
  const body = { changes, largest, restore, liquidation: liquidation === undefined ? [] : [liquidation] };
  try {
    return await requestNode(plimsoll, { path: `/v1/accounts/${account}/what-if`, body, schema: answerSchema });
  } catch (error) {
    if (isProblem(error, "unknown-account", "no-epoch-yet")) throw new UnknownAccount(account, { cause: error });
    throw error;
  }
}
