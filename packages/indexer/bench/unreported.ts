// What it costs a node to look for deposits that the hub has not heard of, with many accounts: while none is late, and
// while all are, as when somebody floods a vault with dust. One JSON line a figure. `node bench/unreported.ts ACCOUNTS`
import { numberToHex } from "viem";
import { openDatabase } from "../src/database.ts";
import { stillInForce } from "../src/tables/columns.ts";
import { unreportedCollateral } from "../src/unreported.ts";

const accountCount = Number(process.argv[2] ?? 100_000);
/** How often each row was superseded before. */
const depth = 3;
const [hub, vault] = [1, 2];
const asset = numberToHex(9, { size: 20 });
const lastBlock = 1_000;

function fill(late: boolean) {
  const database = openDatabase(":memory:");
  const { sqlite } = database;
  const insert = (table: string, columns: number) =>
    sqlite.prepare(`INSERT INTO ${table} VALUES (${Array.from({ length: columns }, () => "?").join(", ")})`);
  const [block, checkpoint] = [insert("blocks", 5), insert("checkpoints", 5)];
  const [vaultTotals, ledgerTotals] = [insert("vault_totals", 8), insert("ledger_totals", 9)];
  sqlite.transaction(() => {
    for (const eid of [hub, vault]) {
      for (let number = 0; number <= lastBlock; number++) block.run(eid, number, `0x${number}`, "0x", number);
      checkpoint.run(eid, lastBlock, `0x${lastBlock}`, lastBlock, null);
    }
    for (let index = 0; index < accountCount; index++) {
      const account = numberToHex(index, { size: 32 });
      for (let version = 0; version < depth; version++) {
        const from = Math.floor((lastBlock / depth) * version) + 1;
        const until = version === depth - 1 ? stillInForce : Math.floor((lastBlock / depth) * (version + 1)) + 1;
        vaultTotals.run(vault, account, asset, from, until, `${version + 1}000000`, "0", "0");
        const heard = late ? 1 : version + 1;
        ledgerTotals.run(hub, vault, account, asset, from, until, `${heard}000000`, "0", `${version}`);
      }
    }
  })();
  return database;
}

for (const late of [false, true]) {
  const database = fill(late);
  let found = 0;
  const milliseconds = [1, 2, 3, 4, 5].map(() => {
    const before = process.cpuUsage();
    found = unreportedCollateral(database, hub, lastBlock).length;
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  const value = Math.round(milliseconds.sort((a, b) => a - b)[2] ?? 0);
  const bench = late ? "unreported_all_late" : "unreported_none_late";
  console.log(JSON.stringify({ bench, value, unit: "ms of CPU", accounts: accountCount, found }));
  database.close();
}
