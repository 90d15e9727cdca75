import type { FileConfig } from "../config.ts";
import { loadConfigFile } from "../configFile.ts";
import { exitCodes } from "../errors.ts";
import { describeStatus } from "../status/statusText.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";

interface Options {
  readonly config: string;
  readonly url?: string;
  readonly json?: true;
}

/** `plimsoll status`: how a running node is doing. */
export const addStatus: AddCommand = (program) => {
  program
    .command("status")
    .description("Ask a running node how it is: chains, epochs, peers. Ends with 1 when something is wrong.")
    .option("--config <file>", "the node's configuration, which says where it listens", "operator.toml")
    .option("--url <url>", "where the node is, instead")
    .option("--json", "print what the node answered")
    .addHelpText("after", exitCodesHelp)
    .addHelpText(
      "after",
      examples("plimsoll status --config operator.toml", "plimsoll status --url https://operator.example --json"),
    )
    .action(status);
};

async function status({ config, url, json }: Options): Promise<void> {
  const { fetchStatus } = await import("../status/fetchStatus.ts");
  const answer = await fetchStatus(url?.replace(/\/$/, "") ?? urlOf(loadConfigFile(config, process.env)));
  const { text, problems } = describeStatus(answer);
  console.log(json === true ? JSON.stringify(answer, null, 2) : text);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : exitCodes.fixSomething;
}

/** Where the node of a configuration answers on this machine. */
function urlOf({ node: { host, port } }: FileConfig): string {
  const local = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${local.includes(":") ? `[${local}]` : local}:${port}`;
}
