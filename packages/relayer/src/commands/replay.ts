import { InvalidArgumentError } from "commander";
import { loadConfigFile } from "../configFile.ts";
import { exitCodes } from "../errors.ts";
import type { Replayed } from "../replay/replayEpoch.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";

/** `plimsoll replay`: computes an epoch again. */
export const addReplay: AddCommand = (program) => {
  program
    .command("replay")
    .description(
      "Compute an epoch again from this node's database, also while the node runs. Ends with 1 at the first difference.",
    )
    .argument("<epoch>", "the epoch's number", parseEpoch)
    .option("--config <file>", "the node's configuration", "operator.toml")
    .option("--deep", "trust nothing that is kept of earlier epochs: compute them again, too, from the first on")
    .addHelpText("after", exitCodesHelp)
    .addHelpText("after", examples("plimsoll replay 1234 --config operator.toml", "plimsoll replay 1234 --deep"))
    .action(replay);
};

export function parseEpoch(text: string): number {
  const epoch = Number(text);
  if (!Number.isSafeInteger(epoch) || epoch < 1) throw new InvalidArgumentError("It is a whole number from 1 on.");
  return epoch;
}

async function replay(epoch: number, { config, deep }: { config: string; deep?: true }): Promise<void> {
  const { openKept } = await import("../replay/openKept.ts");
  const { replayEpoch } = await import("../replay/replayEpoch.ts");
  const kept = openKept(loadConfigFile(config, process.env));
  try {
    const { view, protocol, proposals, contentOf } = kept;
    const options = { view, protocol, proposals: proposals(), contentOf: deep === true ? () => null : contentOf };
    const tell = everyFewSeconds((one: number) => console.error(`computing epoch ${one}, on which it builds`));
    const onCompute = (one: number) => one !== epoch && tell(one);
    const replayed = await replayEpoch(epoch, { ...options, onCompute });
    for (const one of replayed) console.log(describeReplay(one));
    if (replayed.some(({ difference }) => difference !== null)) process.exitCode = exitCodes.fixSomething;
  } finally {
    kept.close();
  }
}

const patienceMs = 2_000;

/** There may be thousands of them: the first is told, then one every two seconds. */
function everyFewSeconds(tell: (epoch: number) => void): (epoch: number) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return (epoch) => {
    if (performance.now() < toldAtMs + patienceMs) return;
    toldAtMs = performance.now();
    tell(epoch);
  };
}

/** A line or a few for people. */
export function describeReplay({ proposal, recomputed, difference }: Replayed): string {
  const { header, digest, earlier, attested, cut } = proposal;
  const blocks = cut.map(({ eid, number }) => `${eid}:${number}`).join(" ");
  const from = `epoch ${header.epoch} ${digest} (${attested ? "attested" : "not attested"}), cut ${blocks}, ${earlier.length} earlier epochs, ${recomputed} of them computed again`;
  if (difference === null) return `${from}\nequal: root ${header.root}`;
  const { epoch, at, root } = difference;
  const where = epoch === header.epoch ? "" : ` in epoch ${epoch}, on which it builds`;
  const what =
    at === null
      ? "the digest alone: the domainSalt is another, or the record was changed"
      : `${at.path.join(" > ")}: ${at.first} on record, ${at.second} computed`;
  return `${from}\ndifferent${where}: ${what}\nroot ${root.onRecord} on record, ${root.computed} computed`;
}
