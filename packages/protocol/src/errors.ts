/** Everything this package throws. Switch on `code`; `hint` says what to do next. */
export class ProtocolError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

export class MalformedAddress extends ProtocolError {
  constructor(given: string) {
    super("MALFORMED_ADDRESS", `Not an address: ${given}.`, "Give 0x and 40 hexadecimal digits.");
  }
}

export class MalformedAccountId extends ProtocolError {
  constructor(given: string) {
    super(
      "MALFORMED_ACCOUNT_ID",
      `Not an account: ${given}.`,
      "Give 0x and 64 hexadecimal digits: the owner's address (20 bytes), then the sub-account number (12 bytes).",
    );
  }
}

export class SubAccountOutOfRange extends ProtocolError {
  constructor(given: bigint) {
    super("SUB_ACCOUNT_OUT_OF_RANGE", `No such sub-account: ${given}.`, "Sub-accounts are numbered 0 to 2^96 - 1.");
  }
}

export class MalformedName extends ProtocolError {
  constructor(given: string) {
    super("MALFORMED_NAME", `Not a name: "${given}".`, "Give 1 to 32 printable ASCII characters, such as BTC-PERP.");
  }
}

export class MalformedPackedArray extends ProtocolError {
  constructor(bytes: number) {
    super("MALFORMED_PACKED_ARRAY", `${bytes} bytes are no array of int64.`, "Give 8 bytes for every scenario.");
  }
}

/** The account has no leaf anywhere in the epoch: it holds nothing there. */
export class UnknownAccount extends ProtocolError {
  constructor(account: string, epoch: number) {
    super(
      "UNKNOWN_ACCOUNT",
      `Account ${account} has no allotment in epoch ${epoch}.`,
      "Deposit collateral and wait until an epoch counts it; see the account's deposits in flight.",
    );
  }
}

export class NoSuchLeaf extends ProtocolError {
  constructor(leaf: string, epoch: number) {
    super("NO_SUCH_LEAF", `Epoch ${epoch} has no leaf for ${leaf}.`, "Check the ids, or ask for a newer epoch.");
  }
}

export class UnknownChain extends ProtocolError {
  constructor(eid: number, epoch: number) {
    super("UNKNOWN_CHAIN", `Epoch ${epoch} does not speak of eid ${eid}.`, "Name a chain by its LayerZero eid.");
  }
}

export class MalformedSignatures extends ProtocolError {
  constructor(problem: string) {
    super("MALFORMED_SIGNATURES", `Malformed signatures: ${problem}.`, "Give 65 bytes (r, s, v) a signer, low s only.");
  }
}

export class CorruptEpoch extends ProtocolError {
  constructor(problem: string, options?: ErrorOptions) {
    super(
      "CORRUPT_EPOCH",
      `Not an epoch's encoding: ${problem}.`,
      "Fetch the epoch again, from another node if need be.",
      options,
    );
  }
}

/** The state names something that it does not hold. */
export class InconsistentState extends ProtocolError {
  constructor(problem: string) {
    super("INCONSISTENT_STATE", `The state at the cut is inconsistent: ${problem}.`, "Check the indexer's data.");
  }
}

/** An epoch that a chain had posted at the cut is not among the earlier epochs. */
export class MissingEarlierEpoch extends ProtocolError {
  readonly epoch: number;

  constructor(epoch: number, eid: number) {
    super(
      "MISSING_EARLIER_EPOCH",
      `Epoch ${epoch}, posted on eid ${eid}, is not among the earlier epochs.`,
      "Fetch it from another node: nothing can be allotted safely without it.",
    );
    this.epoch = epoch;
  }
}

/** A rule that must hold of every epoch does not. A defect of this code: nothing may be signed. */
export class InvariantBroken extends ProtocolError {
  constructor(invariant: string) {
    super("INVARIANT_BROKEN", `Broken invariant: ${invariant}.`, "Do not sign. Keep the input and report it.");
  }
}
