import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ChainConfigInput, chainConfigSchema } from "./config.ts";
import { bindDeployment, openDatabase } from "./database.ts";
import { boundChains } from "./deployment.ts";
import { readCheckpoint, writeCheckpoint } from "./store/checkpoint.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "indexer-database-"));
  path = join(folder, "node.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The migrations of an imaginary next version: ours, and one more. */
function nextVersion(): string {
  const migrationsFolder = join(folder, "next");
  cpSync(join(import.meta.dirname, "../migrations"), migrationsFolder, { recursive: true });
  const journalPath = join(migrationsFolder, "meta/_journal.json");
  const journal = JSON.parse(readFileSync(journalPath, "utf8"));
  const { idx, when } = journal.entries.at(-1);
  journal.entries.push({ idx: idx + 1, version: "6", when: when + 1, tag: "next", breakpoints: true });
  writeFileSync(journalPath, JSON.stringify(journal));
  writeFileSync(join(migrationsFolder, "next.sql"), "ALTER TABLE blocks ADD COLUMN proposer text;");
  return migrationsFolder;
}

const columns = (sqlite: BetterSqlite3.Database) =>
  sqlite.prepare("SELECT name FROM pragma_table_info('blocks')").pluck().all();

describe("openDatabase", () => {
  test("default: creates the file, durable and in WAL mode", () => {
    const { sqlite, close } = openDatabase(path);
    expect(sqlite.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(sqlite.pragma("synchronous", { simple: true })).toBe(2);
    expect(sqlite.pragma("foreign_keys", { simple: true })).toBe(1);
    close();
    openDatabase(path).close();
  });

  test("behavior: a database of an older version is brought up to date and keeps its rows", () => {
    const old = openDatabase(path);
    const checkpoint = { eid: 1, indexedNumber: 7, indexedHash: "0x07", finalizedNumber: 5, halted: null } as const;
    writeCheckpoint(old, checkpoint);
    expect(columns(old.sqlite)).not.toContain("proposer");
    old.close();
    const migrated = openDatabase(path, { migrationsFolder: nextVersion() });
    expect(columns(migrated.sqlite)).toContain("proposer");
    expect(readCheckpoint(migrated, 1)).toEqual(checkpoint);
    migrated.close();
  });

  test("behavior: tables that others keep in the file are left alone", () => {
    const { sqlite, close } = openDatabase(path);
    sqlite.exec("CREATE TABLE journal (epoch integer); INSERT INTO journal VALUES (3)");
    close();
    const again = openDatabase(path);
    expect(again.sqlite.prepare("SELECT epoch FROM journal").pluck().get()).toBe(3);
    again.close();
  });

  test("error: DatabaseVersionError for a newer one, which stays as it is", () => {
    openDatabase(path, { migrationsFolder: nextVersion() }).close();
    const before = readFileSync(path);
    expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: "database-version" }));
    expect(readFileSync(path)).toEqual(before);
  });

  test("error: DatabaseVersionError when a migration was changed after it had been applied", () => {
    const migrationsFolder = nextVersion();
    openDatabase(path, { migrationsFolder }).close();
    appendFileSync(join(migrationsFolder, "next.sql"), "-- edited");
    expect(() => openDatabase(path, { migrationsFolder })).toThrow(
      expect.objectContaining({ code: "database-version" }),
    );
  });

  test("error: DatabaseError for what is no database, and for another program's", () => {
    writeFileSync(path, "chains:\n  - name: alder\n".repeat(100));
    expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: "database" }));
    const other = join(folder, "other.sqlite");
    new BetterSqlite3(other).exec("CREATE TABLE blocks (height integer)").close();
    expect(() => openDatabase(other)).toThrow(expect.objectContaining({ code: "database" }));
    expect(() => openDatabase(join(folder, "missing/node.sqlite"))).toThrow(
      expect.objectContaining({ code: "database" }),
    );
  });

  test("error: DatabaseInUseError while it is open", () => {
    const { close } = openDatabase(path);
    expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: "database-in-use" }));
    close();
    openDatabase(path).close();
  });
});

const address = (digit: string) => `0x${digit.repeat(40)}`;
const contracts = {
  ...{ endpoint: address("1"), attestations: address("2"), vault: address("3"), consumers: [address("4")] },
  ...{ ledger: address("5"), riskRegistry: address("6"), operatorRegistry: address("7") },
};
const hub = (changes: Partial<ChainConfigInput> = {}) =>
  chainConfigSchema.parse({
    name: "hub",
    eid: 1,
    chainId: 10,
    rpcUrls: ["http://localhost"],
    hub: true,
    contracts,
    ...changes,
  });
const spoke = chainConfigSchema.parse({
  ...{ name: "spoke", eid: 2, chainId: 20, rpcUrls: ["http://localhost"], hub: false },
  contracts: { endpoint: address("8"), attestations: address("9") },
});

describe("bindDeployment", () => {
  test("default: written down once, the same from then on; URLs and pace may change", () => {
    const database = openDatabase(path);
    bindDeployment(database, [hub()]);
    bindDeployment(database, [hub({ rpcUrls: ["http://elsewhere"], pollMs: 5, name: "harbour" })]);
    expect(boundChains(database).map(({ eid }) => eid)).toEqual([1]);
    database.close();
  });

  test("behavior: a chain may be added; one with another consumer is read again from its start, others are not", () => {
    const database = openDatabase(path);
    bindDeployment(database, [hub()]);
    bindDeployment(database, [hub(), spoke]);
    for (const eid of [1, 2]) {
      writeCheckpoint(database, { eid, indexedNumber: 7, indexedHash: "0x07", finalizedNumber: 5, halted: null });
    }
    bindDeployment(database, [hub({ contracts: { ...contracts, consumers: [address("4"), address("a")] } }), spoke]);
    expect(readCheckpoint(database, 1)).toBeUndefined();
    expect(readCheckpoint(database, 2)).toBeDefined();
    database.close();
  });

  test.each([
    ["chain id", [hub({ chainId: 11 })]],
    ["contract", [hub({ contracts: { ...contracts, ledger: address("b") } })]],
    ["missing chain", [spoke]],
  ])("error: WrongDeploymentError for another deployment (%s)", (_, chains) => {
    const database = openDatabase(path);
    bindDeployment(database, [hub()]);
    expect(() => bindDeployment(database, chains)).toThrow(expect.objectContaining({ code: "wrong-deployment" }));
    database.close();
  });
});
