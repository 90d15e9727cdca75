// Time of `stateAtCut` over many accounts on three chains, each account with a history behind it. One JSON line a figure.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cut, StateAtCut } from "@plimsoll/protocol/state";
import { numberToHex } from "viem";
import { type ChainConfig, chainConfigSchema } from "../src/config.ts";
import { bindDeployment, type Database, openDatabase } from "../src/database.ts";
import { stateAtCut } from "../src/state.ts";
import { stillInForce } from "../src/tables/columns.ts";

const accountCount = Number(process.argv[2] ?? 100_000);
/** How often each row was superseded before. */
const depth = 3;
const lastBlock = 1_000;
const hubEid = 1;

const address = (value: number) => numberToHex(value, { size: 20 });
const chains: ChainConfig[] = [1, 2, 3].map((eid) =>
  chainConfigSchema.parse({
    ...{ name: `chain-${eid}`, eid, chainId: eid, rpcUrls: ["http://localhost"], hub: eid === hubEid },
    contracts: {
      ...{ endpoint: address(1), attestations: address(2), vault: address(3), consumers: [address(4)] },
      ...(eid === hubEid ? { ledger: address(5), riskRegistry: address(6), operatorRegistry: address(7) } : {}),
    },
  }),
);

function fill({ sqlite }: Database): void {
  const instrument = numberToHex(1, { size: 32 });
  const insert = (table: string, columns: number) =>
    sqlite.prepare(`INSERT INTO ${table} VALUES (${Array.from({ length: columns }, () => "?").join(", ")})`);
  const block = insert("blocks", 5);
  const setting = insert("risk_settings", 8);
  const vaultTotals = insert("vault_totals", 8);
  const ledgerTotals = insert("ledger_totals", 9);
  const cash = insert("cash", 6);
  const positions = insert("positions", 7);
  sqlite.transaction(() => {
    const scenarios = { kind: "scenarios", underlyings: [], priceShocksBps: [], volatilityShocksBps: [] };
    setting.run(hubEid, "scenarios", "", 1, stillInForce, JSON.stringify(scenarios), 1, 1);
    setting.run(hubEid, "margin", "", 1, stillInForce, JSON.stringify({ kind: "margin" }), 2, 1);
    for (const { eid } of chains) {
      for (const number of [0, lastBlock / 2, lastBlock - 1, lastBlock])
        block.run(eid, number, `0x${number}`, "0x", number);
    }
    for (let index = 0; index < accountCount; index++) {
      const account = numberToHex(index, { size: 32 });
      const eid = 1 + (index % 3);
      for (let version = 0; version < depth; version++) {
        const from = Math.floor((lastBlock / depth) * version) + 1;
        const until = version === depth - 1 ? stillInForce : Math.floor((lastBlock / depth) * (version + 1)) + 1;
        vaultTotals.run(eid, account, address(9), from, until, `${version}000000`, "0", "0");
        ledgerTotals.run(hubEid, eid, account, address(9), from, until, `${version}000000`, "0", `${version}`);
        for (const consumerEid of [1 + ((index + 1) % 3), 1 + ((index + 2) % 3)]) {
          cash.run(consumerEid, address(4), account, from, until, `-${version}500`);
          positions.run(consumerEid, address(4), account, instrument, from, until, `${version + 1}00000000`);
        }
      }
    }
  })();
}

const cutAt = (blockNumber: number): Cut =>
  chains.map(({ eid }) => ({
    ...{ eid, number: blockNumber, timestampSeconds: blockNumber },
    hash: `0x${blockNumber}`,
  }));

/** Of CPU: others may use the machine, too. */
function measure(bench: string, read: () => unknown): void {
  const milliseconds = [1, 2, 3, 4, 5].map(() => {
    const before = process.cpuUsage();
    read();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  const median = milliseconds.sort((a, b) => a - b)[2] ?? 0;
  console.log(JSON.stringify({ bench, value: Math.round(median), unit: "ms of CPU", accounts: accountCount }));
}

/** One account in a hundred trades and deposits in the block that `lastBlock` makes of the one before it. */
function changeSome({ sqlite }: Database): void {
  for (const table of ["vault_totals", "ledger_totals", "cash", "positions"]) {
    const some = `until_block = ${stillInForce} AND CAST(substr(account, -1) AS integer) = 7 AND rowid % 6 = 0`;
    sqlite.exec(`UPDATE ${table} SET from_block = ${lastBlock} WHERE ${some}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "indexer-bench-"));
const path = join(folder, "node.sqlite");
try {
  const database = openDatabase(path);
  bindDeployment(database, chains);
  fill(database);
  const state = (block: number, known?: StateAtCut) => stateAtCut(database, hubEid, cutAt(block), known);
  measure("state_at_newest_cut", () => state(lastBlock));
  measure("state_at_past_cut", () => state(lastBlock / 2));
  const known = state(lastBlock - 1);
  measure("state_from_the_last_cut_nothing_changed", () => state(lastBlock, known));
  changeSome(database);
  measure("state_from_the_last_cut_one_percent_changed", () => state(lastBlock, known));
  const heapMegabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    JSON.stringify({ bench: "state_at_cut_memory", value: heapMegabytes, unit: "MiB", accounts: accountCount }),
  );
  database.close();
  const size = Math.round(statSync(path).size / 2 ** 20);
  console.log(JSON.stringify({ bench: "database_size", value: size, unit: "MiB", accounts: accountCount }));
} finally {
  rmSync(folder, { recursive: true });
}
