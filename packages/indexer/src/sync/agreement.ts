import type { ChainConfig } from "../config.ts";
import { RpcDisagreementError } from "../errors.ts";
import { hostOf, type RpcEndpoint } from "../rpc/endpoint.ts";
import type { RpcPool } from "../rpc/pool.ts";
import type { Header } from "../rpc/wire.ts";

/**
 * Asks every other endpoint of the chain for a block that `endpoint` calls final. What is final is signed upon, so that one
 * endpoint's word is not enough where there are several: while two contradict each other, nothing becomes final here, and
 * nothing is signed beyond what was. One that is behind, or does not answer, contradicts nobody.
 *
 * @throws {RpcDisagreementError}
 */
export async function requireAgreement(parameters: {
  readonly chain: ChainConfig;
  readonly pool: RpcPool;
  readonly endpoint: RpcEndpoint;
  readonly final: Header;
}): Promise<void> {
  const { chain, pool, endpoint, final } = parameters;
  const others = (await pool.others()).filter((other) => other !== endpoint);
  await Promise.all(
    others.map(async (other) => {
      const theirs = await other.header(final.number).catch(() => null);
      if (theirs === null || theirs.hash === final.hash) return;
      throw new RpcDisagreementError(
        `${hostOf(endpoint.url)} and ${hostOf(other.url)} disagree about block ${final.number} of ${chain.name}: ` +
          `${final.hash} and ${theirs.hash}`,
        "Nothing new is signed of this chain until they agree. Find out which one follows the wrong chain, and take it out of rpcUrls.",
      );
    }),
  );
}
