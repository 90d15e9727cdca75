import { systemClock } from "../clock.ts";
import { loadConfig } from "../configFile.ts";
import { exitCodes } from "../errors.ts";
import { createLog } from "../log.ts";
import { createScrub, secretsOf } from "../scrub.ts";
import type { AddCommand } from "./command.ts";
import { exitCodeOf } from "./exitCode.ts";
import { environmentHelp, examples } from "./help.ts";

/** `plimsoll start`: runs the node. */
export const addStart: AddCommand = (program) => {
  program
    .command("start")
    .description("Run the node until SIGTERM or SIGINT. A second signal ends it at once; nothing is lost by that.")
    .option("--config <file>", "the node's configuration, TOML or YAML", "operator.toml")
    .addHelpText("after", environmentHelp)
    .addHelpText(
      "after",
      examples(
        "PLIMSOLL_OPERATOR_KEY=0x… plimsoll start --config operator.toml",
        "PLIMSOLL_KEYSTORE_PASSPHRASE_FILE=/run/secrets/passphrase plimsoll start --config operator.toml",
      ),
    )
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
  let signals = 0;
  const asked = new Promise<void>((resolve) => {
    const onSignal = () => {
      signals++;
      if (signals > 1) process.exit(exitCodes.restartMe);
      resolve();
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
  // Loaded only now: the other commands need not wait for it.
  const { startNode } = await import("../node.ts");
  const node = await startNode(config, log).catch(failed);
  await Promise.race([asked, node.stalled.catch(failed)]);

  const { drainMs, stopDeadlineMs } = config.node;
  log.info({ drainMs, stopDeadlineMs }, "node stopping");
  const late = Symbol("late");
  const deadline = systemClock.sleep(drainMs + stopDeadlineMs).then(() => late);
  if ((await Promise.race([node.stop(), deadline])) === late) {
    log.error({ stopDeadlineMs }, "node did not stop in time");
    process.exit(exitCodes.restartMe);
  }
  log.info("node stopped");
  process.exit(0);
}
