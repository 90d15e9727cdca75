import { parseAccountId } from "@plimsoll/protocol/account";
import type { MalformedAccountId } from "@plimsoll/protocol/errors";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Plimsoll } from "../createPlimsoll.ts";
import { UnknownAccount } from "../errors/node.ts";
import type { Account } from "../node/accountSchema.ts";
import { watch } from "../watch.ts";
import { type GetAccountErrorType, getAccount } from "./getAccount.ts";

export interface WatchAccountParameters {
  readonly account: AccountId;
  /** Called with the account when it is first known, and whenever anything about it changed. */
  readonly onChange: (account: Account, previous: Account | null) => void;
  /** Called when a look fails; watching goes on. An account not known yet is no failure. */
  readonly onError?: ((error: GetAccountErrorType) => void) | undefined;
  readonly pollIntervalMilliseconds?: number | undefined;
}

/** Ends the watching. */
export type WatchAccountReturnType = () => void;
export type WatchAccountErrorType = MalformedAccountId;

/**
 * Watches an account by asking a node again and again.
 * @throws {MalformedAccountId}
 * @example
 * const unwatch = watchAccount(plimsoll, { account, onChange: ({ base }) => console.log(formatUsd(base)) });
 */
export function watchAccount(plimsoll: Plimsoll, parameters: WatchAccountParameters): WatchAccountReturnType {
  const account = parseAccountId(parameters.account);
  return watch({
    look: () => getAccountIfKnown(plimsoll, account),
    onChange: parameters.onChange,
    onError: parameters.onError as ((error: unknown) => void) | undefined,
    intervalMilliseconds: parameters.pollIntervalMilliseconds ?? plimsoll.pollIntervalMilliseconds,
  });
}

async function getAccountIfKnown(plimsoll: Plimsoll, account: AccountId): Promise<Account | null> {
  try {
    return await getAccount(plimsoll, { account });
  } catch (error) {
    if (error instanceof UnknownAccount) return null;
    throw error;
  }
}
