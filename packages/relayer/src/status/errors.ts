import { exitCodes, RelayerError } from "../errors.ts";

/** The node could not be asked how it is. */
export class NodeUnreachableError extends RelayerError {
  override readonly name = "NodeUnreachableError";

  constructor(url: string, problem: string, cause?: unknown) {
    super(`${url} ${problem}`, {
      code: "node-unreachable",
      hint: "Start it, or say with --url where it is. Its log tells why it ended.",
      cause,
      exitCode: exitCodes.fixSomething,
    });
  }
}
