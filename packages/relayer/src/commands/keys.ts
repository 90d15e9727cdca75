import { readFileSync } from "node:fs";
import { password } from "@inquirer/prompts";
import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { KeystoreError, MalformedKeyError } from "../keys/errors.ts";
import { addressOf, encryptKey } from "../keys/keystore.ts";
import { readKeystore, unlockKeystore, writeKeystore } from "../keys/keystoreFile.ts";
import { parsePrivateKey } from "../keys/parsePrivateKey.ts";
import { readPassphrase } from "../keys/passphrase.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";

const passphraseHelp = `
The passphrase comes from PLIMSOLL_KEYSTORE_PASSPHRASE, from the file that PLIMSOLL_KEYSTORE_PASSPHRASE_FILE names, or
is asked for on a terminal. Name the keystore under [signer] keystore in the configuration.
${exitCodesHelp}`;

/** `plimsoll keys`: the operator's key in an encrypted file. */
export const addKeys: AddCommand = (program) => {
  const keys = program.command("keys").description("Make, take over and show the operator's encrypted key.");
  keys
    .command("create")
    .description("Make a new key and write it, encrypted, to a file that only you may read.")
    .requiredOption("--out <file>", "the keystore to write; never one that is there")
    .addHelpText("after", passphraseHelp)
    .addHelpText("after", examples("plimsoll keys create --out operator.json"))
    .action(({ out }: { out: string }) => save(out, generatePrivateKey()));
  keys
    .command("import")
    .description("Write a key that you have, encrypted, to a file that only you may read.")
    .requiredOption("--out <file>", "the keystore to write; never one that is there")
    .option(
      "--from <file>",
      "a file that holds the key in hexadecimal; without it, PLIMSOLL_OPERATOR_KEY or the terminal",
    )
    .addHelpText("after", passphraseHelp)
    .addHelpText(
      "after",
      examples(
        "plimsoll keys import --out operator.json",
        "PLIMSOLL_OPERATOR_KEY=0x… plimsoll keys import --out operator.json",
      ),
    )
    .action(async ({ out, from }: { out: string; from?: string }) => save(out, await readKey(from)));
  keys
    .command("show")
    .description("Tell the address of a keystore. The key itself is never shown.")
    .argument("<file>", "the keystore")
    .option("--verify", "decrypt it, to see that the passphrase fits")
    .addHelpText("after", passphraseHelp)
    .addHelpText("after", examples("plimsoll keys show operator.json", "plimsoll keys show operator.json --verify"))
    .action(show);
};

async function save(out: string, key: Hex): Promise<void> {
  const passphrase = await readPassphrase(process.env, { twice: true });
  writeKeystore(out, await encryptKey(key, passphrase));
  console.log(privateKeyToAccount(key).address);
}

async function readKey(from: string | undefined): Promise<Hex> {
  if (from !== undefined) return parsePrivateKey(readText(from), from);
  const variable = process.env["PLIMSOLL_OPERATOR_KEY"];
  if (variable !== undefined) return parsePrivateKey(variable, "PLIMSOLL_OPERATOR_KEY");
  if (process.stdin.isTTY !== true) throw new MalformedKeyError("PLIMSOLL_OPERATOR_KEY");
  return parsePrivateKey(await password({ message: "Private key:" }), "what was typed");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new KeystoreError(path, "cannot be read", "Check the path given with --from.", cause);
  }
}

async function show(path: string, { verify }: { verify?: true }): Promise<void> {
  const told = addressOf(readKeystore(path));
  if (verify !== true && told !== null) return console.log(told);
  const key = await unlockKeystore(path, await readPassphrase(process.env, { twice: false }));
  console.log(privateKeyToAccount(key).address.toLowerCase());
}
