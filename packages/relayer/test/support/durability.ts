import { chainConfigSchema } from "@plimsoll/indexer/config";
import { type Database, openDatabase } from "@plimsoll/indexer/database";
import { readCheckpoint } from "@plimsoll/indexer/store/checkpoint";
import { type Address, type Hex, keccak256, toHex, zeroHash } from "viem";
import { createProtocol } from "../../src/quorum/createProtocol.ts";
import { migrateStore } from "../../src/store/migrate.ts";
import { createSqliteStore } from "../../src/store/sqliteStore.ts";
import { createSqliteTransactionStore } from "../../src/transactions/sqliteTransactionStore.ts";

// What `dyingWriter.ts` writes, and what must be true of its file however it ended.

/** What the writer let out of its process. */
export type Told =
  | { readonly did: "signed"; readonly epoch: number; readonly digest: Hex }
  | { readonly did: "sent"; readonly nonce: number; readonly hash: Hex }
  | { readonly did: "indexed"; readonly number: number };

export const eid = 1;
export const me: Address = `0x${"aa".repeat(20)}`;
export const hashOf = (number: number, what: number): Hex => keccak256(toHex(`${number}:${what}`));

const address = (index: number): Address => toHex(index, { size: 20 });
export const chain = chainConfigSchema.parse({
  ...{ name: "chain", eid, chainId: 1, rpcUrls: ["http://localhost"], hub: true },
  contracts: {
    ...{ endpoint: address(1), attestations: address(2), vault: address(3), consumers: [address(4)] },
    ...{ ledger: address(5), riskRegistry: address(6), operatorRegistry: address(7) },
  },
});

/** Opens the file as a restarted node does, and gives everything that is wrong with it. */
export function inconsistencies(path: string, told: readonly Told[]): string[] {
  const database = openDatabase(path);
  try {
    migrateStore(database);
    const intact = database.sqlite.pragma("integrity_check", { simple: true });
    return [
      ...(intact === "ok" ? [] : [`SQLite finds: ${intact}`]),
      ...wrongWithJournal(database, told),
      ...wrongWithNonces(database, told),
      ...wrongWithIndex(database, told),
    ];
  } finally {
    database.close();
  }
}

/** Journal, epoch and signature of a number are there together, and nothing left without its record. */
function wrongWithJournal({ drizzle, sqlite }: Database, told: readonly Told[]): string[] {
  const store = createSqliteStore(drizzle, createProtocol(zeroHash));
  const wrong: string[] = [];
  const highest = Math.max(store.highestSigned(), store.highestEpoch());
  for (let epoch = 1; epoch <= highest; epoch++) {
    const ref = { epoch, digest: hashOf(epoch, 2) };
    const signed = store.signed(epoch);
    const summary = store.summary(ref);
    if (signed?.digest !== ref.digest) wrong.push(`epoch ${epoch} has no journal entry`);
    if (!summary?.hasContent || !summary.signedByMe) wrong.push(`epoch ${epoch} was signed and is not there`);
    if (store.signaturesOf(ref).length !== 1) wrong.push(`epoch ${epoch} lacks its own signature`);
  }
  const lost = "SELECT epoch FROM relayer_epochs WHERE snapshot NOT IN (SELECT digest FROM relayer_snapshots)";
  for (const epoch of sqlite.prepare(lost).pluck().all()) wrong.push(`epoch ${epoch} lacks its snapshot`);
  for (const one of told) {
    if (one.did === "signed" && store.signed(one.epoch)?.digest !== one.digest) {
      wrong.push(`a signature of epoch ${one.epoch} left, and nobody wrote it down`);
    }
  }
  return wrong;
}

/** Nonces have no gap, each has what was signed for it, and nothing was sent that is not known. */
function wrongWithNonces({ drizzle, sqlite }: Database, told: readonly Told[]): string[] {
  const store = createSqliteTransactionStore(drizzle, eid);
  const wrong: string[] = [];
  for (let nonce = 0; nonce <= (store.highestNonce() ?? -1); nonce++) {
    if (!store.isKnown(nonce)) wrong.push(`nonce ${nonce} was skipped`);
  }
  const without = "SELECT nonce FROM relayer_nonces WHERE nonce NOT IN (SELECT nonce FROM relayer_attempts)";
  for (const nonce of sqlite.prepare(without).pluck().all()) wrong.push(`nonce ${nonce} has no transaction`);
  const ownerless = "SELECT nonce FROM relayer_attempts WHERE nonce NOT IN (SELECT nonce FROM relayer_nonces)";
  for (const nonce of sqlite.prepare(ownerless).pluck().all()) wrong.push(`a transaction has nonce ${nonce}, unowned`);
  const sent = sqlite.prepare("SELECT count(*) FROM relayer_attempts WHERE nonce = ? AND hash = ?").pluck();
  for (const one of told) {
    if (one.did === "sent" && sent.get(one.nonce, one.hash) !== 1) wrong.push(`nonce ${one.nonce} was sent unrecorded`);
  }
  return wrong;
}

/** The checkpoint names the newest block there is, blocks are in a row, and each one's rows are there with it. */
function wrongWithIndex(database: Database, told: readonly Told[]): string[] {
  const { sqlite } = database;
  const checkpoint = readCheckpoint(database, eid);
  const blocks = sqlite.prepare("SELECT number, hash, parent_hash AS parent FROM blocks ORDER BY number").all() as {
    readonly number: number;
    readonly hash: Hex;
    readonly parent: Hex;
  }[];
  const wrong: string[] = [];
  const newest = blocks.at(-1);
  if (newest?.number !== checkpoint?.indexedNumber || newest?.hash !== checkpoint?.indexedHash) {
    wrong.push(`the checkpoint is at ${checkpoint?.indexedNumber}, the newest block is ${newest?.number}`);
  }
  for (const [index, block] of blocks.entries()) {
    const before = blocks[index - 1];
    const fits = block.number === index && (before === undefined || block.parent === before.hash);
    if (!fits) wrong.push(`block ${block.number} does not follow the one before it`);
  }
  const deposits = sqlite.prepare("SELECT from_block AS block, deposited FROM vault_totals ORDER BY from_block").all();
  const expected = blocks.map(({ number }) => ({ block: number, deposited: `${number}` }));
  if (JSON.stringify(deposits) !== JSON.stringify(expected)) {
    wrong.push(`${blocks.length} blocks with a deposit each, and ${deposits.length} deposits`);
  }
  // A block is taken back only to be read again: at most the newest may be missing.
  const last = told.findLast((one) => one.did === "indexed");
  if (last?.did === "indexed" && (checkpoint?.indexedNumber ?? -1) < last.number - 1) {
    wrong.push(`block ${last.number} was indexed and is not there`);
  }
  return wrong;
}
