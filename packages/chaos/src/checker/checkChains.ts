import type { Deployment } from "@plimsoll/devnet/deployment";
import { HubMissing } from "@plimsoll/devnet/errors";
import { checkPosted, readPosted } from "./attestations.ts";
import { checkReported, readReported } from "./ledger.ts";
import { checkMarkets } from "./markets.ts";
import { checkPayments } from "./payments.ts";
import { type ChainReader, readerOf } from "./reader.ts";
import { checkVaults, readVaultTotals } from "./vaults.ts";
import type { Violation } from "./violation.ts";

/**
 * Everything that must hold on the chains, from the contracts' own storage and events and nothing else: no node, no
 * index, no database is asked. What is checked is listed in `Violation`. Each chain is read at one block, vaults after
 * the hub, so that a report under way looks late and never early.
 *
 * @throws {HubMissing}
 * @example
 * const violations = await checkChains(devnet.deployment);
 */
export async function checkChains({ chains }: Deployment): Promise<Violation[]> {
  const hub = await hubOf(chains);
  const readers = await Promise.all(chains.map(async (chain) => (chain.hub ? hub : await readerOf(chain))));
  const found = await Promise.all(readers.map((reader) => checkChain(reader, hub)));
  const posted = await Promise.all(readers.map(readPosted));
  return [...found.flat(), ...checkPosted(posted.flat())];
}

async function hubOf(chains: Deployment["chains"]): Promise<ChainReader> {
  const [hub] = await Promise.all(chains.filter((chain) => chain.hub).map(readerOf));
  if (hub === undefined) throw new HubMissing();
  return hub;
}

async function checkChain(reader: ChainReader, hub: ChainReader): Promise<Violation[]> {
  const totals = await readVaultTotals(reader);
  const reported = await readReported(hub, reader.chain.eid, totals);
  const found = await Promise.all([
    checkVaults(reader, totals),
    checkPayments(reader, totals),
    checkReported(reader.chain.name, reported),
    checkMarkets(reader),
  ]);
  return found.flat();
}
