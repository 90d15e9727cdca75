// A node of a newer version that is started on an older one's file, again and again, until somebody kills it. The number
// of the file at hand is printed.
import { copyFileSync, rmSync, writeSync } from "node:fs";
import { openNewest } from "./olderDatabase.ts";

const [older = "", path = "", atomic = "atomic"] = process.argv.slice(2);
if (atomic !== "atomic") {
  // Broken on purpose: every statement is a transaction of its own.
  const { default: BetterSqlite3 } = await import("better-sqlite3");
  const { prepare } = BetterSqlite3.prototype;
  BetterSqlite3.prototype.prepare = function (this: never, sql: string) {
    return prepare.call(this, /^(BEGIN|COMMIT|ROLLBACK)$/.test(sql) ? "DROP TABLE IF EXISTS no_such_table" : sql);
  } as typeof prepare;
}

for (let number = 1; ; number++) {
  copyFileSync(older, `${path}${number}`);
  writeSync(1, `${number}\n`);
  // Until then whoever stops this process looks at the one before.
  for (const end of ["", "-lock"]) rmSync(`${path}${number - 1}${end}`, { force: true });
  openNewest(`${path}${number}`).close();
}
