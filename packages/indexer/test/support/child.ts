// A node of its own that indexes until it is killed, or that kills itself in the middle of the transaction that commits a
// given block.
import { openDatabase } from "../../src/database.ts";
import { startIndexer } from "../../src/indexer.ts";
import { silent } from "./node.ts";

const [path = "", chains = "", dieAtBlock = ""] = process.argv.slice(2);
const database = openDatabase(path);
if (dieAtBlock !== "") {
  database.sqlite.function("die", () => process.kill(process.pid, "SIGKILL"));
  database.sqlite.exec(
    `CREATE TEMP TRIGGER die_here AFTER UPDATE ON main.checkpoints WHEN NEW.indexed_number >= ${Number(dieAtBlock)}
     BEGIN SELECT die(); END`,
  );
}
const indexer = await startIndexer({ database, chains: JSON.parse(chains), log: silent });
await indexer.caughtUp();
process.stdout.write("caught up\n");
