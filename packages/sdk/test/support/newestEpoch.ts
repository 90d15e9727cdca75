import type { Deployment } from "@plimsoll/devnet/deployment";
import { createClient, http } from "viem";
import { postedEpoch } from "../../src/chain/postedEpoch.ts";

/** The newest epoch posted on any chain: test files share the chains, and epochs only increase. */
export async function newestEpoch(deployment: Deployment): Promise<number> {
  const posted = await Promise.all(
    deployment.chains.map((chain) => postedEpoch(createClient({ transport: http(chain.rpcUrl) }), chain)),
  );
  return Math.max(...posted.map(Number));
}
