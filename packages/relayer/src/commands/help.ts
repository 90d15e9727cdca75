/** Ends the help text of every command that reads the configuration. */
export const environmentHelp = `
Environment:
  PLIMSOLL_OPERATOR_KEY      the key that signs epochs and pays gas (required; never in the file)
  PLIMSOLL_RPC_URLS_<EID>    RPC URLs of a chain, separated by commas, where a URL holds a secret
  PLIMSOLL_HOST, PLIMSOLL_PORT, PLIMSOLL_DATABASE, PLIMSOLL_LOG_LEVEL override [node]

Exit codes: 0 ended as asked, 1 fix something, 75 restart me.`;

/** Examples under a command's help, one a line. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
