/** What the process does about an error: fix the set-up (1), or be started again by its supervisor (75). */
export const exitCodes = { fixSomething: 1, restartMe: 75 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface RelayerErrorOptions {
  readonly code: string;
  /** What to do next. */
  readonly hint: string;
  readonly cause?: unknown;
  readonly exitCode?: ExitCode;
}

/** Base of every error that the relayer throws: a short message, a code to switch on, and what to do. */
export class RelayerError extends Error {
  override readonly name: string = "RelayerError";
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(message: string, options: RelayerErrorOptions) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? exitCodes.restartMe;
  }
}
