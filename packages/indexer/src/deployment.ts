import { isDeepStrictEqual } from "node:util";
import type { Eid } from "@plimsoll/protocol/ids";
import type { ChainConfig } from "./config.ts";
import type { Database } from "./database.ts";
import { WrongDeploymentError } from "./errors.ts";
import { forgetChain } from "./store/rewind.ts";
import { deployment } from "./tables/chain.ts";
import { type ChainIdentity, chainIdentity } from "./tables/identity.ts";

/**
 * Says which deployment this database is for. The first time it is written down; later it must be the same one, save for
 * what may grow: chains can be added, and a chain whose consumers or start block changed is read again from its start.
 *
 * @throws {WrongDeploymentError} it is the database of another deployment.
 */
export function bindDeployment(database: Database, chains: readonly ChainConfig[]): void {
  const bound = new Map(boundChains(database).map(({ eid, identity }) => [eid, identity]));
  const wanted = new Map(chains.map((chain) => [chain.eid, chainIdentity(chain)]));
  const differences = [...bound].flatMap(([eid, before]) => differencesOf(eid, before, wanted.get(eid)));
  if (differences.length > 0) {
    throw new WrongDeploymentError(
      `${database.path} belongs to another deployment: ${differences.join("; ")}`,
      "Use the configuration that this file was made with, or a new file. Never delete a file that holds a signing journal in use.",
    );
  }
  database.sqlite.transaction(() => {
    for (const [eid, identity] of wanted) {
      const before = bound.get(eid);
      if (isDeepStrictEqual(before, identity)) continue;
      if (before !== undefined) forgetChain(database, eid);
      const set = { identity };
      database.drizzle
        .insert(deployment)
        .values({ eid, identity })
        .onConflictDoUpdate({ target: deployment.eid, set })
        .run();
    }
  })();
}

/**
 * Forgets all that was read of one chain, so that the next start reads it from the beginning: what an operator does with a
 * chain that was halted, once the endpoints in `rpcUrls` are known to be right. Nothing but this package's own tables is
 * touched. Only while no indexer runs.
 */
export function resetChain(database: Database, eid: Eid): void {
  forgetChain(database, eid);
}

/** The chains that this database is for, ascending by eid. */
export function boundChains(database: Database): { eid: number; identity: ChainIdentity }[] {
  return database.drizzle.select().from(deployment).orderBy(deployment.eid).all();
}

function differencesOf(eid: number, before: ChainIdentity, wanted: ChainIdentity | undefined): string[] {
  if (wanted === undefined) return [`it follows chain ${eid}, which is not configured`];
  const { consumers: _, startBlock: __, ...fixed } = before;
  return (Object.keys(fixed) as (keyof typeof fixed)[])
    .filter((key) => fixed[key] !== wanted[key])
    .map((key) => `on chain ${eid}, ${key} was ${fixed[key]} and is ${wanted[key]}`);
}
