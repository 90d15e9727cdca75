import { createTestClient, http, publicActions, walletActions } from "viem";

/**
 * A viem client that can also steer anvil. Nothing is cached, for a devnet's chains jump; nothing is retried, for a
 * transaction might be sent twice.
 *
 * @example
 * const client = chainClient("http://127.0.0.1:8545");
 */
export function chainClient(rpcUrl: string) {
  return createTestClient({
    mode: "anvil",
    transport: http(rpcUrl, { retryCount: 0, timeout: 30_000 }),
    cacheTime: 0,
    pollingInterval: 100,
  })
    .extend(publicActions)
    .extend(walletActions);
}

export type ChainClient = ReturnType<typeof chainClient>;
