import { loadConfig } from "../configFile.ts";
import { exitCodes } from "../errors.ts";
import { printable } from "../printable.ts";
import { createScrub, secretsOf } from "../scrub.ts";
import type { AddCommand } from "./command.ts";
import { environmentHelp, examples } from "./help.ts";

/** `plimsoll check`: what would be wrong, before anything is signed. */
export const addCheck: AddCommand = (program) => {
  program
    .command("check")
    .description("Look at everything the node needs, change nothing, and say what is wrong.")
    .option("--config <file>", "the node's configuration, TOML or YAML", "operator.toml")
    .addHelpText("after", environmentHelp)
    .addHelpText("after", examples("PLIMSOLL_OPERATOR_KEY=0x… plimsoll check --config operator.toml"))
    .action(({ config }: { config: string }) => check(config));
};

async function check(path: string): Promise<void> {
  const config = loadConfig(path, process.env);
  const scrub = createScrub(secretsOf(config, process.env));
  const { checkNode } = await import("../preflight/check.ts");
  const findings = await checkNode(config);
  for (const { subject, problem, hint } of findings) {
    const told = problem === null ? `ok    ${subject}` : `FAIL  ${subject}: ${printable(problem)}\n      ${hint}`;
    console.log(scrub(told));
  }
  const wrong = findings.filter(({ problem }) => problem !== null).length;
  console.log(
    wrong === 0 ? `\nAll is well: plimsoll start --config ${path}` : `\n${wrong} of ${findings.length} to fix.`,
  );
  process.exitCode = wrong === 0 ? 0 : exitCodes.fixSomething;
}
