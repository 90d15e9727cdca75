import { readFileSync } from "node:fs";
import { password } from "@inquirer/prompts";
import { PassphraseError } from "./errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const leastLength = 8;
const sources =
  "Set PLIMSOLL_KEYSTORE_PASSPHRASE or PLIMSOLL_KEYSTORE_PASSPHRASE_FILE, or run it on a terminal to be asked.";

/**
 * The keystore's passphrase: from PLIMSOLL_KEYSTORE_PASSPHRASE, else from the file that PLIMSOLL_KEYSTORE_PASSPHRASE_FILE
 * names (without the line break at its end), else asked for on the terminal.
 *
 * @param twice for a new keystore: asks again, and refuses what is shorter than eight characters.
 * @throws PassphraseError
 */
export async function readPassphrase(environment: Environment, { twice }: { twice: boolean }): Promise<string> {
  const given = fromEnvironment(environment) ?? (await fromTerminal(twice));
  if (given === "") throw new PassphraseError("the passphrase is empty", sources);
  if (twice && given.length < leastLength) {
    throw new PassphraseError(`the passphrase is shorter than ${leastLength} characters`, "Take a longer one.");
  }
  return given;
}

function fromEnvironment(environment: Environment): string | null {
  const direct = environment["PLIMSOLL_KEYSTORE_PASSPHRASE"];
  if (direct !== undefined) return direct;
  const file = environment["PLIMSOLL_KEYSTORE_PASSPHRASE_FILE"];
  if (file === undefined) return null;
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    throw new PassphraseError(`${file}: cannot be read`, "Check PLIMSOLL_KEYSTORE_PASSPHRASE_FILE.", cause);
  }
}

async function fromTerminal(twice: boolean): Promise<string> {
  if (process.stdin.isTTY !== true) throw new PassphraseError("there is no passphrase for the keystore", sources);
  const first = await password({ message: "Passphrase of the keystore:" });
  if (twice && (await password({ message: "Once more:" })) !== first) {
    throw new PassphraseError("the two passphrases differ", "Try again.");
  }
  return first;
}
