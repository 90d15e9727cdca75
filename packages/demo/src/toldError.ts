/** Base of everything that ends a command of the terminal: one line for the person there, and what to do next. */
export class ToldError extends Error {
  override readonly name: string = "ToldError";
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
