/** Something that must never be, found on a chain. */
export interface Violation {
  readonly invariant: /** A vault holds less than its accounts may claim. */
    | "vault-covers-claims"
    /** Tokens left a vault, or came, and its accounts' totals say otherwise. */
    | "vault-accounts-for-tokens"
    /** A payment without a leaf under a posted root, beyond it, or a second time; an exit before it was open. */
    | "paid-once-as-approved"
    /** Wrapped ether without ether behind it, or ether that stayed in a vault. */
    | "ether-is-wrapped"
    /** An epoch lets the same collateral be lost elsewhere and leave by exit. */
    | "exit-beside-allotment"
    /** The hub's ledger has more than the vault. */
    | "ledger-below-vault"
    /** A market's cash, or positions in an instrument, do not cancel out. */
    | "market-sums-to-zero"
    /** Two roots for one epoch, or a chain went back. */
    | "one-root-per-epoch"
    /** What the operators have on record is not what the chains alone give. */
    | "record-follows-from-chains"
    /** An account is worth less than nothing in a scenario, at prices that never moved. */
    | "account-solvent";
  readonly where: string;
  readonly detail: string;
}
