import { InvalidArgumentError } from "commander";
import { loadConfigFile } from "../configFile.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";
import { parseEpoch } from "./replay.ts";

/** `plimsoll explain`: why an account's margin is what it is. */
export const addExplain: AddCommand = (program) => {
  program
    .command("explain")
    .description(
      "Take an account's margin apart, down to block numbers and message ids, from this node's database, also while the node runs.",
    )
    .argument("<account>", "the account's id, or an owner's address for sub-account 0", parseAccount)
    .option("--config <file>", "the node's configuration", "operator.toml")
    .option("--epoch <number>", "an older epoch that is still kept in full; the newest one without it", parseEpoch)
    .addHelpText("after", exitCodesHelp)
    .addHelpText(
      "after",
      examples(
        "plimsoll explain 0x90F79bf6EB2c4f870365E785982E1f101E93b906 --config operator.toml",
        "plimsoll explain 0x90f79bf6eb2c4f870365e785982e1f101e93b906000000000000000000000001 --epoch 1234",
      ),
    )
    .action(explain);
};

function parseAccount(text: string): `0x${string}` {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as `0x${string}`;
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return `${text.toLowerCase() as `0x${string}`}${"0".repeat(24)}`;
  throw new InvalidArgumentError("It is 0x and 64 hexadecimal digits, or an owner's address.");
}

async function explain(account: `0x${string}`, options: { config: string; epoch?: number }): Promise<void> {
  const { openKept } = await import("../replay/openKept.ts");
  const { gatherFacts } = await import("../explain/gatherFacts.ts");
  const { explainAccount } = await import("../explain/explainAccount.ts");
  const { explainText } = await import("../explain/explainText.ts");
  const config = loadConfigFile(options.config, process.env);
  const kept = openKept(config);
  try {
    console.log(explainText(explainAccount(await gatherFacts(kept, config, account, options.epoch))));
  } finally {
    kept.close();
  }
}
