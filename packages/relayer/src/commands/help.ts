export const exitCodesHelp = "\nExit codes: 0 ended as asked, 1 fix something, 75 restart me.";

/** Ends the help text of every command that reads the configuration. */
export const environmentHelp = `
Environment:
  PLIMSOLL_OPERATOR_KEY      the key that signs epochs and pays gas, unless [signer] names a keystore or a remote signer
  PLIMSOLL_KEYSTORE_PASSPHRASE, PLIMSOLL_KEYSTORE_PASSPHRASE_FILE   the keystore's passphrase, or a file that holds it
  PLIMSOLL_SIGNER_URL        the remote signer's URL, where it holds a secret
  PLIMSOLL_RPC_URLS_<EID>    RPC URLs of a chain, separated by commas, where a URL holds a secret
  PLIMSOLL_HOST, PLIMSOLL_PORT, PLIMSOLL_DATABASE, PLIMSOLL_LOG_LEVEL override [node]
${exitCodesHelp}`;

/** Examples under a command's help, one a line. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
