import { existsSync } from "node:fs";
import { openDatabase, resetChain } from "@plimsoll/indexer/database";
import { loadConfigFile } from "../configFile.ts";
import { exitCodes, RelayerError } from "../errors.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";

/** The chain to be read anew is not one of the configuration, or nobody said yes. */
export class ResetError extends RelayerError {
  override readonly name = "ResetError";

  constructor(problem: string, hint: string) {
    super(problem, { code: "reset-chain", hint, exitCode: exitCodes.fixSomething });
  }
}

/** `plimsoll reset-chain`: has one chain read anew. */
export const addResetChain: AddCommand = (program) => {
  program
    .command("reset-chain")
    .description(
      "Forget what was read of one chain, so that the next start reads it anew: for a chain that was halted, once its endpoints are known to be right. The node must not run. The signing journal stays.",
    )
    .argument("<chain>", "the chain's name")
    .option("--config <file>", "the node's configuration", "operator.toml")
    .option("--yes", "do it")
    .addHelpText("after", exitCodesHelp)
    .addHelpText("after", examples("plimsoll reset-chain base --yes --config operator.toml"))
    .action((chain: string, { config, yes }: { config: string; yes?: true }) => {
      const { chains, node } = loadConfigFile(config, process.env);
      const found = chains.find(({ name }) => name === chain);
      if (found === undefined) {
        throw new ResetError(
          `${chain} is no chain of ${config}`,
          `It has ${chains.map(({ name }) => name).join(", ")}.`,
        );
      }
      if (yes !== true) {
        throw new ResetError(`Nothing was changed in ${node.database}.`, "Give --yes once the endpoints are right.");
      }
      if (!existsSync(node.database)) {
        throw new ResetError(`${node.database} is not there`, "Check [node] database, or start the node once.");
      }
      const database = openDatabase(node.database);
      try {
        resetChain(database, found.eid);
      } finally {
        database.close();
      }
      console.log(`${chain} is read anew from block ${found.startBlock} when the node starts.`);
    });
};
