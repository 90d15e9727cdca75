/** Everything this package throws of its own. Switch on `code`; `hint` says what to do next. */
export class PlimsollError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }

  /** The first error in the chain of causes, this one included, that `test` accepts. */
  walk(test: (error: unknown) => boolean): unknown {
    let error: unknown = this;
    while (error !== undefined && error !== null) {
      if (test(error)) return error;
      error = error instanceof Error ? error.cause : undefined;
    }
    return null;
  }
}
