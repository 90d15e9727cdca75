import type { Sql } from "./statements.ts";

/** Statements that are built and compiled when a database is first asked for them, and no second time for any other user of it. */
export function oncePerDatabase<Statements>(prepare: (database: Sql) => Statements): (database: Sql) => Statements {
  const prepared = new WeakMap<Sql, Statements>();
  return (database) => {
    const known = prepared.get(database) ?? prepare(database);
    prepared.set(database, known);
    return known;
  };
}
