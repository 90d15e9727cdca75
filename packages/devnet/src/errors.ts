/**
 * Root of every error this package throws. `code` is for switching on, `hint` says what to do next.
 *
 * @example
 * try { await startDevnet() } catch (error) { if (error instanceof DevnetError) console.error(error.message, error.hint) }
 */
export class DevnetError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

export class DevnetPortBusy extends DevnetError {
  readonly port: number;

  constructor(port: number, options?: ErrorOptions) {
    super(
      "DEVNET_PORT_BUSY",
      `Port ${port} on 127.0.0.1 is in use.`,
      `Stop what listens there (lsof -i :${port}) or start the devnet on other ports.`,
      options,
    );
    this.port = port;
  }
}

export class AnvilMissing extends DevnetError {
  constructor(packageName: string, options?: ErrorOptions) {
    super(
      "DEVNET_ANVIL_MISSING",
      `The package ${packageName}, which has the anvil binary, is not installed.`,
      "Install the workspace again with optional dependencies; anvil exists for Linux, macOS and Windows.",
      options,
    );
  }
}

export class AnvilFailed extends DevnetError {
  constructor(chain: string, detail: string, options?: ErrorOptions) {
    super(
      "DEVNET_ANVIL_FAILED",
      `anvil of chain ${chain} ${detail}.`,
      "Start the devnet again; if it happens at once, run the anvil binary by hand to see why.",
      options,
    );
  }
}

export class ArtifactMissing extends DevnetError {
  constructor(contract: string, options?: ErrorOptions) {
    super(
      "DEVNET_ARTIFACT_MISSING",
      `No bytecode of ${contract}.`,
      "Run the contracts' build (forge build, then packages/contracts/scripts/generate.ts) and install the workspace.",
      options,
    );
  }
}

export class TransactionFailed extends DevnetError {
  constructor(chain: string, what: string, reason: string, options?: ErrorOptions) {
    super(
      "DEVNET_TRANSACTION_FAILED",
      `${what} failed on ${chain}: ${reason}.`,
      "If the contracts changed, rebuild them and their ABIs; the devnet's set-up may have to follow.",
      options,
    );
  }
}

export class DeploymentInvalid extends DevnetError {
  constructor(detail: string, options?: ErrorOptions) {
    super(
      "DEVNET_DEPLOYMENT_INVALID",
      `Not a deployment description: ${detail}.`,
      "Take the file from a running devnet of this version, or mend the fields named.",
      options,
    );
  }
}

export class ReplayRangeInvalid extends DevnetError {
  constructor(detail: string) {
    super(
      "DEVNET_REPLAY_RANGE_INVALID",
      `The replay's range is invalid: ${detail}.`,
      "Give hours that the price table has, the first before the last.",
    );
  }
}

export class HubMissing extends DevnetError {
  constructor() {
    super("DEVNET_HUB_MISSING", "No chain is the hub.", "Exactly one chain's plan has to say `hub: true`.");
  }
}

export class ArgumentInvalid extends DevnetError {
  constructor(detail: string, options?: ErrorOptions) {
    super("DEVNET_ARGUMENT_INVALID", `${detail}.`, "Call it with --help to see what it takes.", options);
  }
}

export class OperatorSetLate extends DevnetError {
  constructor(chain: string) {
    super(
      "DEVNET_OPERATOR_SET_LATE",
      `The operator set did not arrive on ${chain}.`,
      "Look at the worker's log for why its message was not delivered.",
    );
  }
}

export class ReceiptLate extends DevnetError {
  constructor(hash: string) {
    super(
      "DEVNET_RECEIPT_LATE",
      `Transaction ${hash} was not mined in time.`,
      "See whether its chain still mines; a reorg may have dropped the transaction.",
    );
  }
}

/** Two transactions had one nonce, and this is the one that was not mined. */
export class NonceTaken extends DevnetError {
  constructor(from: string, nonce: number, hash: string) {
    super(
      "DEVNET_NONCE_TAKEN",
      `Transaction ${hash} will never be mined: another one from ${from} had its nonce, ${nonce}.`,
      "Let nothing else send from an account while a batch of its transactions is under way.",
    );
  }
}

export class OperatorCountInvalid extends DevnetError {
  constructor(count: number, most: number) {
    super("DEVNET_OPERATOR_COUNT_INVALID", `${count} operators cannot be had.`, `Ask for 1 to ${most}.`);
  }
}

/** Smiles that could be traded against each other for nothing: operators would keep their options reduce-only. */
export class SmileRefused extends DevnetError {
  constructor(which: string) {
    super(
      "DEVNET_SMILE_REFUSED",
      `The smile of ${which} admits arbitrage.`,
      "Lower its curvature or skew against butterflies, or raise later levels against calendar spreads.",
    );
  }
}
