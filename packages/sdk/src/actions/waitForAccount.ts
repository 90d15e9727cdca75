import type { AccountId } from "@plimsoll/protocol/ids";
import type { Plimsoll } from "../createPlimsoll.ts";
import { UnknownAccount } from "../errors/node.ts";
import type { WaitTimedOut } from "../errors/waiting.ts";
import type { Account } from "../node/accountSchema.ts";
import { poll } from "../poll.ts";
import { type GetAccountErrorType, getAccount } from "./getAccount.ts";

export interface WaitForAccountParameters {
  readonly account: AccountId;
  /** True of the account that is awaited. */
  readonly predicate: (account: Account) => boolean;
  /** What is awaited, for the error message. */
  readonly what?: string | undefined;
  /** 60,000 by default. */
  readonly timeoutMilliseconds?: number | undefined;
  readonly pollIntervalMilliseconds?: number | undefined;
}

export type WaitForAccountReturnType = Account;
export type WaitForAccountErrorType = WaitTimedOut | Exclude<GetAccountErrorType, UnknownAccount>;

/**
 * Waits until an account is as wanted. An account that no node knows yet is waited for.
 * @throws {WaitTimedOut}
 * @example
 * // Until the collateral may be used on birch.
 * await waitForAccount(plimsoll, {
 *   account,
 *   predicate: ({ portfolios }) => portfolios.some(({ eid, allotment }) => eid === birch.eid && allotment !== null),
 * });
 */
export async function waitForAccount(
  plimsoll: Plimsoll,
  parameters: WaitForAccountParameters,
): Promise<WaitForAccountReturnType> {
  const { account, predicate, timeoutMilliseconds = 60_000 } = parameters;
  return poll({
    what: parameters.what ?? `account ${account} to change as wanted`,
    timeoutMilliseconds,
    intervalMilliseconds: parameters.pollIntervalMilliseconds ?? plimsoll.pollIntervalMilliseconds,
    look: async () => {
      try {
        const seen = await getAccount(plimsoll, { account });
        return predicate(seen) ? seen : null;
      } catch (error) {
        if (error instanceof UnknownAccount) return null;
        throw error;
      }
    },
  });
}
