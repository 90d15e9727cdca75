import { BaseError, HttpRequestError, TimeoutError } from "viem";
import type { Broadcast } from "./chain.ts";

// What geth, Nethermind, Erigon, Besu, Reth and anvil say. None of it is specified; all of it is stable enough to be
// relied on by every wallet.
const sayings: readonly (readonly [RegExp, Broadcast])[] = [
  [/already known|alreadyknown|known transaction|already imported|already exists/i, "accepted"],
  [/nonce too low|nonce is too low|oldnonce|nonce has already been used/i, "nonce-too-low"],
  [
    /underpriced|replacementnotallowed|feetoolow|fee too low|less than block base fee|below (configured )?minimum|gas price too low/i,
    "underpriced",
  ],
  [/insufficient ?funds|exceeds account balance|insufficient balance/i, "funds"],
  [
    /intrinsic gas|exceeds block gas limit|gas limit (is )?too|gaslimitexceeded|oversized|invalid sender|invalid signature|invalid chain id|type not supported/i,
    "rejected",
  ],
];

/**
 * What a node meant by refusing a transaction.
 *
 * @returns null when it said nothing about the transaction: it is out of reach, or busy, or something else is wrong.
 */
export function broadcastErrorOf(error: unknown): Broadcast | null {
  if (!(error instanceof BaseError)) return null;
  if (error.walk((cause) => cause instanceof TimeoutError) !== null) return null;
  const http = error.walk((cause) => cause instanceof HttpRequestError);
  if (http instanceof HttpRequestError && http.status === undefined) return null;
  const told = [error, error.walk()]
    .map((one) =>
      one instanceof BaseError ? `${one.details} ${one.shortMessage}` : one instanceof Error ? one.message : "",
    )
    .join(" ");
  return sayings.find(([pattern]) => pattern.test(told))?.[1] ?? null;
}
