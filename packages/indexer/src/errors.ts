/** What the process should do about an error: `fix` the set-up and start again, or `retry` here. */
export type Remedy = "fix" | "retry";

/** Base of everything this package throws. Switch on `code`; show `message` and `hint` to a person. */
export abstract class IndexerError extends Error {
  abstract readonly code: string;
  abstract readonly remedy: Remedy;
  /** What to do next. */
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.hint = hint;
  }
}

/** One or more things wrong with the configuration, all of them at once. */
export class ConfigError extends IndexerError {
  readonly code = "config";
  readonly remedy = "fix";
  readonly problems: readonly string[];

  constructor(problems: readonly string[], cause?: unknown) {
    super(problems.join("\n"), "Correct these entries of the configuration and start again.", cause);
    this.problems = problems;
  }
}

/** The file cannot be used as this node's database. */
export class DatabaseError extends IndexerError {
  readonly code = "database";
  readonly remedy = "fix";
}

/** The database was written by a newer version of this program. */
export class DatabaseVersionError extends IndexerError {
  readonly code = "database-version";
  readonly remedy = "fix";
}

/** Another process has the database open. */
export class DatabaseInUseError extends IndexerError {
  readonly code = "database-in-use";
  readonly remedy = "fix";
}

/** The database holds the history of another deployment. */
export class WrongDeploymentError extends IndexerError {
  readonly code = "wrong-deployment";
  readonly remedy = "fix";
}

/** A chain replaced a block that it had called final. Nothing may be signed on top of that. */
export class FinalityViolatedError extends IndexerError {
  readonly code = "finality-violated";
  readonly remedy = "fix";
}

/** An RPC endpoint gave no answer. */
export class RpcUnavailableError extends IndexerError {
  readonly code = "rpc-unavailable";
  readonly remedy = "retry";
}

/** An RPC endpoint gave no answer in time: perhaps it was asked for too much at once. */
export class RpcTimeoutError extends RpcUnavailableError {}

/** An RPC endpoint answered with an error: perhaps it was asked for too much at once, or has no such method. */
export class RpcRefusedError extends IndexerError {
  readonly code = "rpc-refused";
  readonly remedy = "retry";
}

/** An RPC endpoint goes on saying that it is asked too often. */
export class RpcLimitedError extends IndexerError {
  readonly code = "rpc-limited";
  readonly remedy = "retry";
}

/** Whether an endpoint merely gave nothing. That says nothing of the chain, and what else was read of it still holds. */
export function isTrouble(error: unknown): boolean {
  return [RpcUnavailableError, RpcRefusedError, RpcLimitedError].some((kind) => error instanceof kind);
}

/** An RPC endpoint contradicted itself: what it said is not used. */
export class RpcInconsistentError extends IndexerError {
  readonly code = "rpc-inconsistent";
  readonly remedy = "retry";
}

/** Two endpoints of one chain tell different final blocks: one of them is wrong, and it is not known which. */
export class RpcDisagreementError extends IndexerError {
  readonly code = "rpc-disagreement";
  readonly remedy = "retry";
}

/** The range of blocks changed under us while it was read. */
export class ChainMovedError extends IndexerError {
  readonly code = "chain-moved";
  readonly remedy = "retry";
}

/** A log of a contract that we follow does not have the shape its ABI says. */
export class UndecodableLogError extends IndexerError {
  readonly code = "undecodable-log";
  readonly remedy = "fix";
}

/** The cut names a block that this node has not read. */
export class CutNotIndexedError extends IndexerError {
  readonly code = "cut-not-indexed";
  readonly remedy = "retry";
}

/** The cut names a block that is not on the chain this node follows. */
export class CutConflictError extends IndexerError {
  readonly code = "cut-conflict";
  readonly remedy = "fix";
}

/** The risk registry has no scenario set or margin parameters yet. */
export class RiskRegistryNotReadyError extends IndexerError {
  readonly code = "risk-registry-not-ready";
  readonly remedy = "retry";
}

/** The registry names a contract that this node does not follow, so the state would be incomplete. */
export class ContractNotFollowedError extends IndexerError {
  readonly code = "contract-not-followed";
  readonly remedy = "fix";
}

/** The indexer was stopped while somebody waited for it. */
export class IndexerStoppedError extends IndexerError {
  readonly code = "indexer-stopped";
  readonly remedy = "retry";
}
