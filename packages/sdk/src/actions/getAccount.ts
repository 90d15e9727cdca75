import { parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Plimsoll } from "../createPlimsoll.ts";
import { isProblem, UnknownAccount } from "../errors/node.ts";
import { type Account, accountSchema } from "../node/accountSchema.ts";
import { type RequestNodeErrorType, requestNode } from "../node/requestNode.ts";

export interface GetAccountParameters {
  readonly account: AccountId;
}

export type GetAccountReturnType = Account;
export type GetAccountErrorType = MalformedAccountId | UnknownAccount | RequestNodeErrorType;

/**
 * An account as one portfolio: collateral on every chain with what is in flight, portfolios, value in every scenario,
 * margin, allotments. USD with 8 decimals, tokens in their own.
 *
 * @throws {MalformedAccountId}
 * @throws {UnknownAccount} before its first deposit is seen
 * @throws {NodeUnreachable}
 * @example
 * const account = await getAccount(plimsoll, { account: makeAccountId(owner) });
 * formatUsd(marginOf(account).free);
 */
export async function getAccount(plimsoll: Plimsoll, parameters: GetAccountParameters): Promise<GetAccountReturnType> {
  const account = parseAccountId(parameters.account);
  try {
    return await requestNode(plimsoll, { path: `/v1/accounts/${account}`, schema: accountSchema });
  } catch (error) {
    if (isProblem(error, "unknown-account", "no-epoch-yet")) throw new UnknownAccount(account, { cause: error });
    throw error;
  }
}
