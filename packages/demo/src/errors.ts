import { ToldError } from "./toldError.ts";

/** A check of the story did not hold. */
export class StoryCheckFailed extends ToldError {
  override readonly name = "StoryCheckFailed";

  constructor(check: string) {
    super(`The story's check failed: ${check}`, "Run again with --logs DIR and read the operators' logs there.");
  }
}

/** A child process ended by itself. */
export class ChildFailed extends ToldError {
  override readonly name = "ChildFailed";
  /** Null where a signal ended it, or it has not ended. */
  readonly exitCode: number | null;

  constructor(child: string, how: string, lastLog: string, exitCode: number | null = null) {
    super(
      `${child} ${how}.${lastLog ? ` Its last words: ${lastLog}` : ""}`,
      "Run again with --logs DIR to keep its whole log.",
    );
    this.exitCode = exitCode;
  }
}

/** The command line is not understood. */
export class InvalidArgument extends ToldError {
  override readonly name = "InvalidArgument";

  constructor(problem: string, options?: ErrorOptions) {
    super(`${problem.replace(/\.$/, "")}.`, "See npm start -- --help.", options);
  }
}

/** Somebody else listens where we must. */
export class PortBusy extends ToldError {
  override readonly name = "PortBusy";
  readonly port: number;

  constructor(port: number, options?: ErrorOptions) {
    super(
      `Port ${port} on 127.0.0.1 is in use.`,
      `Stop what listens there (lsof -i :${port}), or choose other ports with --chain-ports and --api-ports.`,
      options,
    );
    this.port = port;
  }
}
