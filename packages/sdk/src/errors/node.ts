import { PlimsollError } from "./plimsollError.ts";

/** No node answered: every one refused the connection or ran into the time-out. */
export class NodeUnreachable extends PlimsollError {
  readonly nodes: readonly string[];

  constructor(nodes: readonly string[], options?: ErrorOptions) {
    super(
      "NODE_UNREACHABLE",
      `No node answered: ${nodes.join(", ")}.`,
      "Check the URLs and that a node runs there; name several nodes and the next one is asked when one is down.",
      options,
    );
    this.nodes = nodes;
  }
}

/** A node answered with a problem (RFC 9457). `code` and `hint` are the node's own. */
export class NodeProblem extends PlimsollError {
  readonly node: string;
  readonly status: number;

  constructor(node: string, problem: { status: number; code: string; title: string; detail: string; hint: string }) {
    super(problem.code, `${problem.title}: ${problem.detail}`, problem.hint);
    this.node = node;
    this.status = problem.status;
  }
}

/** Whether an error is a node's problem with one of these codes. */
export function isProblem(error: unknown, ...codes: readonly string[]): error is NodeProblem {
  return error instanceof NodeProblem && codes.includes(error.code);
}

/** Whether asking again may help: no node answered, or those that did are in trouble or not ready yet. */
export function isTransient(error: unknown): boolean {
  return error instanceof NodeUnreachable || (error instanceof NodeProblem && error.status >= 500);
}

/** A node answered with something other than its API says. */
export class UnexpectedResponse extends PlimsollError {
  readonly node: string;
  readonly path: string;

  constructor(node: string, path: string, reason: string, options?: ErrorOptions) {
    super(
      "UNEXPECTED_RESPONSE",
      `${node}${path} answered what this SDK does not understand: ${reason}.`,
      "Check that the URL is that of a node's API, and that node and SDK are of the same version.",
      options,
    );
    this.node = node;
    this.path = path;
  }
}

/** No node knows the account yet. */
export class UnknownAccount extends PlimsollError {
  readonly account: string;

  constructor(account: string, options?: ErrorOptions) {
    super(
      "UNKNOWN_ACCOUNT",
      `No node knows account ${account}.`,
      "Deposit collateral first. A fresh deposit is known once its block has been indexed; waitForAccount waits for it.",
      options,
    );
    this.account = account;
  }
}

/** A node's list of URLs is empty or holds something that is no URL. */
export class InvalidNodeUrl extends PlimsollError {
  constructor(given: string) {
    super("INVALID_NODE_URL", `Not a node's URL: "${given}".`, "Give at least one, such as http://127.0.0.1:8800.");
  }
}
