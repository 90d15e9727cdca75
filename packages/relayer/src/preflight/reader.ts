import type { ChainConfig } from "@plimsoll/indexer/config";
import { createPublicClient, fallback, http, type PublicClient } from "viem";

/** Reads one chain, patient for a few seconds. */
export const readerOf = ({ rpcUrls }: Pick<ChainConfig, "rpcUrls">): PublicClient =>
  createPublicClient({ transport: fallback(rpcUrls.map((url) => http(url, { timeout: 5_000, retryCount: 0 }))) });
