#!/usr/bin/env node
import { IndexerError } from "@plimsoll/indexer/errors";
import { Command } from "commander";
import { loadConfig } from "./configFile.ts";
import { exitCodes, RelayerError } from "./errors.ts";
import { createLog } from "./log.ts";
import { startNode } from "./node.ts";
import { checkNode } from "./preflight/check.ts";
import { version } from "./version.ts";

const environmentHelp = `
Environment:
  PLIMSOLL_OPERATOR_KEY      the key that signs epochs and pays gas (required; never in the file)
  PLIMSOLL_RPC_URLS_<EID>    RPC URLs of a chain, separated by commas, where a URL holds a secret
  PLIMSOLL_HOST, PLIMSOLL_PORT, PLIMSOLL_DATABASE, PLIMSOLL_LOG_LEVEL override [node]

Exit codes: 0 ended as asked, 1 fix something, 75 restart me.`;

const program = new Command("plimsoll")
  .description(
    "A Plimsoll operator's node: indexes the chains, signs epochs with its peers, posts them, serves proofs.",
  )
  .version(version);

program
  .command("start")
  .description("Run the node until SIGTERM or SIGINT.")
  .requiredOption("--config <file>", "the node's TOML file")
  .addHelpText(
    "after",
    `${environmentHelp}\n\nExample:\n  PLIMSOLL_OPERATOR_KEY=0x… plimsoll start --config operator.toml`,
  )
  .action(async ({ config: path }: { config: string }) => {
    const config = loadConfig(path, process.env);
    const log = createLog(config.node.logLevel, {});
    const failed = (error: unknown) => {
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
    await (node as Awaited<ReturnType<typeof startNode>>).stop();
    log.info("node stopped");
    process.exit(0);
  });

program
  .command("check")
  .description("Look at everything the node needs, change nothing, and say what is wrong.")
  .requiredOption("--config <file>", "the node's TOML file")
  .addHelpText(
    "after",
    `${environmentHelp}\n\nExample:\n  PLIMSOLL_OPERATOR_KEY=0x… plimsoll check --config operator.toml`,
  )
  .action(async ({ config: path }: { config: string }) => {
    const findings = await checkNode(loadConfig(path, process.env));
    for (const { subject, problem, hint } of findings) {
      console.log(problem === null ? `ok    ${subject}` : `FAIL  ${subject}: ${problem}\n      ${hint}`);
    }
    process.exitCode = findings.some(({ problem }) => problem !== null) ? exitCodes.fixSomething : 0;
  });

function exitCodeOf(error: unknown): number {
  if (error instanceof RelayerError) return error.exitCode;
  if (error instanceof IndexerError) return error.remedy === "fix" ? exitCodes.fixSomething : exitCodes.restartMe;
  return exitCodes.restartMe;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof RelayerError) && !(error instanceof IndexerError)) throw error;
  console.error(`${error.message}\n${error.hint}`);
  process.exitCode = exitCodeOf(error);
}
