export const hints = {
  AssetNotListed: "The vault on this chain does not take that token. Its assets() lists those it does.",
  BeyondDeposits: "The approval names more than was deposited: tell the operators, and keep the proof.",
  ClaimsArePaused: "The vault pays nobody for a while. Claim again after the time in the error: the approval stays.",
  DepositsArePaused: "The vault takes no deposits at present.",
  DifferentInstruments: "Maker and taker must name the same instrument.",
  DuplicateWeight: "Name every consumer once.",
  ERC20InsufficientAllowance: "Approve the vault for the amount first: approveCollateral, or deposit, which does it.",
  ERC20InsufficientBalance: "The wallet holds too little of the token on this chain.",
  FeeOnLocalReport: "On the hub reports cost nothing: send no value.",
  InvalidOrderSignature:
    "The order was changed after it was signed, was signed for another chain or market, or by a key that is neither the account's owner nor its delegate.",
  InvalidSettlementProof: "A newer epoch was posted since the proof was made. Fetch the instrument's leaf again.",
  LZ_InsufficientFee: "The LayerZero fee rose since it was quoted. Quote it again.",
  NativeTransferFailed: "The receiver takes no ether. Name another by setPayout, or have the wrapped token paid.",
  NotAccountOwner: "Only the owner of the account may do this: connect the owner's wallet.",
  NotAllowedToTrade: "Only the owner of the account or a delegate (setDelegate) may do this.",
  NotAMember: "The node served an attestation with a signature by none of the operators. Ask another node.",
  NotSettled: "The instrument has not expired, or no epoch posted here says at what price it settles.",
  NotEnoughNative: "The LayerZero fee rose since it was quoted. Quote it again.",
  NothingToClaim: "Nothing more is approved than was already paid. See the account's approvedTotal.",
  NothingToReport: "The account never deposited at this vault.",
  OrderExpired: "Sign a new order with a later expiry.",
  OrderIsCancelled: "The order was cancelled on the chain. Sign a new one.",
  OrderOfAnotherSeries: "All orders of the account were cancelled since it was signed. Sign a new one.",
  OrderOverfilled: "Less is left of the order than the size asked for.",
  OrdersDoNotCross: "The buyer's limit is below the seller's.",
  OutflowLimited: "The vault pays out only so much at a time. Claim again later: the approval stays.",
  SameSide: "One order must buy and the other sell.",
  SelfTrade: "Maker and taker are the same account. Use two sub-accounts.",
  TooFewSignatures: "The node served an attestation without a quorum. Ask another node.",
  TooManyPositions: "Close a position in another instrument first, or use another sub-account.",
  TooManyWeights: "Name fewer consumers.",
  UnexpectedEther: "Send ether by depositNative.",
  UnknownOperatorSet: "The chain has not received that operator set yet. Wait for the broadcast, or ask another node.",
  ValueBelowAmount: "Send at least the amount to be deposited; what is above it pays for the report.",
  ZeroAmount: "Give an amount above zero.",
  ZeroSize: "Give a size above zero.",
} as const;

/** What to do about a contract's custom error. */
export function hintFor(errorName: string): string {
  const known: Readonly<Record<string, string>> = hints;
  return known[errorName] ?? "See the contracts' interfaces for what this error means.";
}
