import { loadConfig } from "../configFile.ts";
import { createLog } from "../log.ts";
import { startNode } from "../node.ts";
import { createScrub, secretsOf } from "../scrub.ts";
import type { AddCommand } from "./command.ts";
import { exitCodeOf } from "./exitCode.ts";
import { environmentHelp, examples } from "./help.ts";

/** `plimsoll start`: runs the node. */
export const addStart: AddCommand = (program) => {
  program
    .command("start")
    .description("Run the node until SIGTERM or SIGINT.")
    .requiredOption("--config <file>", "the node's TOML file")
    .addHelpText("after", environmentHelp)
    .addHelpText("after", examples("PLIMSOLL_OPERATOR_KEY=0x… plimsoll start --config operator.toml"))
    .action(({ config }: { config: string }) => start(config));
};

async function start(path: string): Promise<void> {
  const config = loadConfig(path, process.env);
  const log = createLog(config.node.logLevel, {}, createScrub(secretsOf(config, process.env)));
  const failed = (error: unknown): never => {
    log.fatal({ err: error }, "node failed");
    process.exit(exitCodeOf(error));
  };
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  const stopped = Promise.race(
    ["SIGTERM", "SIGINT"].map((signal) => new Promise((done) => process.once(signal, done))),
  );
  const node = await startNode(config, log).catch(failed);
  await stopped;
  log.info("node stopping");
  await node.stop();
  log.info("node stopped");
  process.exit(0);
}
