import { RelayerError } from "../errors.ts";

/** No endpoint of the chain took a transaction or said what is wrong with it. */
export class BroadcastFailedError extends RelayerError {
  override readonly name = "BroadcastFailedError";

  constructor(chain: string, cause: unknown) {
    super(`No endpoint of ${chain} took a transaction.`, {
      code: "broadcast-failed",
      hint: "It is recorded, and sent again; name another endpoint in rpcUrls if this goes on.",
      cause,
    });
  }
}
