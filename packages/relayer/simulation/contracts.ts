import { splitSignatures } from "@plimsoll/protocol/attestation";
import type { Epoch, Header, Withdrawable } from "@plimsoll/protocol/epoch";
import type { AccountAssetKey, AccountId, Eid } from "@plimsoll/protocol/ids";
import { hashChainRoot } from "@plimsoll/protocol/leaves";
import { verifyProof } from "@plimsoll/protocol/merkle";
import type { adversarialChange } from "@plimsoll/protocol/simulation/adversary";
import type { Random } from "@plimsoll/protocol/simulation/random";
import { adversarialSale, faultOf, type SaleKind } from "@plimsoll/protocol/simulation/sales";
import type { ConsumerWeight, LedgerTotals, Portfolio, VaultTotals } from "@plimsoll/protocol/state";
import { speaksTo } from "@plimsoll/protocol/transition/path";
import type { AttestationJson } from "@plimsoll/protocol/wire";
import { min } from "@plimsoll/risk/fixed-point";
import type { Address, Hex } from "viem";
import type { OperatorSet } from "../src/quorum/chainView.ts";
import type { Transaction } from "./chain.ts";
import { Violation } from "./errors.ts";
import { setFor } from "./operatorSets.ts";
import { accounts, hubEid, type Report, type State } from "./state.ts";

// What the contracts do, rule for rule, as far as safety hangs on it.

/** As `SolvencyAttestations.MAX_CLOCK_SKEW_SECONDS`. */
const mostSkewSeconds = 120;
/** As `CollateralVault.exitDelaySeconds`. Nothing that is safe hangs on its length. */
const exitDelaySeconds = 2;
const nobody: VaultTotals = { deposited: 0n, withdrawn: 0n, requestedTotal: 0n };
const nothing: Portfolio = { cash: 0n, positions: new Map() };

export type PostRefusal =
  | "StaleEpoch"
  | "AttestationExpired"
  | "IssuedInFuture"
  | "InvalidChainPath"
  | "UnknownOperatorSet"
  | "NoQuorum";

export interface AttestationRules {
  readonly digest: (header: Header) => Hex;
  readonly signerOf: (digest: Hex, signature: Hex) => Address | null;
  /** What contracts that are broken on purpose do not revert for. */
  readonly forgives?: PostRefusal | undefined;
}

/** `SolvencyAttestations.post`: why it reverts, or null. */
export function refusalOf(
  rules: AttestationRules,
  eid: Eid,
  { header, chainRoot, chainPath, signatures }: AttestationJson,
  { posted, operators }: Pick<State, "posted" | "operators">,
  timestampSeconds: number,
): PostRefusal | null {
  // Whose grace has ended counts where that is forgiven.
  const sets = [operators.current, ...(operators.previous === null ? [] : [operators.previous.set])];
  const set = sets.find(({ id }) => id === header.operatorSetId);
  const reasons: readonly (readonly [PostRefusal, () => boolean])[] = [
    ["StaleEpoch", () => header.epoch <= (posted?.epoch ?? 0)],
    ["AttestationExpired", () => timestampSeconds >= header.expiresAt],
    ["IssuedInFuture", () => header.issuedAt > timestampSeconds + mostSkewSeconds],
    ["InvalidChainPath", () => !verifyProof(header.root, hashChainRoot(eid, chainRoot), chainPath)],
    ["UnknownOperatorSet", () => setFor(operators, header.operatorSetId, timestampSeconds) === null],
    ["NoQuorum", () => set === undefined || !hasQuorum(rules, set, header, signatures)],
  ];
  return reasons.find(([reason, holds]) => reason !== rules.forgives && holds())?.[0] ?? null;
}

function hasQuorum({ digest, signerOf }: AttestationRules, set: OperatorSet, header: Header, signatures: Hex): boolean {
  const signers = splitSignatures(signatures).map((signature) => signerOf(digest(header), signature));
  const ascend = signers.every((signer, i) => signer !== null && (i === 0 || signer > (signers[i - 1] ?? "")));
  const members = signers.every((signer) => signer !== null && set.members.includes(signer));
  return ascend && members && signers.length >= set.threshold;
}

export const postTransaction = (rules: AttestationRules, eid: Eid, attestation: AttestationJson): Transaction => ({
  what: `post ${attestation.header.epoch}`,
  apply(state, now) {
    if (refusalOf(rules, eid, attestation, state, now) !== null) return null;
    const { epoch, operatorSetId, root, issuedAt, expiresAt } = attestation.header;
    const posted = { epoch, operatorSetId, root, issuedAt, expiresAt, digest: rules.digest(attestation.header) };
    return { state: { ...state, posted, postedEpoch: epoch, postedRoot: root } };
  },
});

export const feedTransaction = (what: string, change: (market: State["market"]) => State["market"]): Transaction => ({
  what,
  apply: (state) => ({ state: { ...state, market: change(state.market) } }),
});

/** `CollateralLedger`: the highest sequence counts, whatever the order. */
export const recordTransaction = (report: Report): Transaction => ({
  what: `record ${report.eid}:${report.account.slice(0, 6)} #${report.sequence}`,
  apply: (state) => ({ state: recorded(state, report) }),
});

function recorded(state: State, { eid, account, sequence, totals }: Report): State {
  const name = `${eid}:${account}`;
  if (sequence <= (state.recorded.get(name) ?? 0)) return state;
  const ledger = new Map(state.ledger.get(eid));
  for (const [key, total] of totals) ledger.set(key, total);
  return {
    ...state,
    recorded: new Map(state.recorded).set(name, sequence),
    ledger: new Map(state.ledger).set(eid, ledger),
  };
}

/** `CollateralLedger.setWeights`. */
export const weightsTransaction = (account: AccountId, weights: readonly ConsumerWeight[]): Transaction => ({
  what: `weights of ${account.slice(0, 6)}`,
  apply: (state) => ({ state: { ...state, weights: new Map(state.weights).set(account, weights) } }),
});

/** `CollateralVault.report`. */
export const reportTransaction = (eid: Eid, account: AccountId): Transaction => ({
  what: `report ${account.slice(0, 6)}`,
  apply: (state) => (state.sequences.has(account) ? withReport(state, eid, account) : null),
});

/** A vault on the hub tells the ledger by a call, others by a message. */
function withReport(state: State, eid: Eid, account: AccountId): { state: State; message?: Report } {
  const totals = [...state.vaultTotals]
    .filter(([key, { deposited }]) => key.startsWith(account) && deposited > 0n)
    .map(([key, { deposited, withdrawn }]): readonly [AccountAssetKey, LedgerTotals] => [
      key,
      { deposited, withdrawn },
    ]);
  const report = { eid, account, sequence: state.sequences.get(account) ?? 0, totals };
  return eid === hubEid ? { state: recorded(state, report) } : { state, message: report };
}

function withTotals(state: State, account: AccountId, key: AccountAssetKey, totals: VaultTotals): State {
  return {
    ...state,
    vaultTotals: new Map(state.vaultTotals).set(key, totals),
    sequences: new Map(state.sequences).set(account, (state.sequences.get(account) ?? 0) + 1),
  };
}

/** A place at a vault where an account keeps one asset. */
export interface Holding {
  readonly eid: Eid;
  readonly account: AccountId;
  readonly asset: Address;
}

const keyOf = ({ account, asset }: Holding): AccountAssetKey => `${account}:${asset}`;

export const depositTransaction = (holding: Holding, amount: bigint): Transaction => ({
  what: `deposit ${amount} of ${holding.account.slice(0, 6)}`,
  apply(state) {
    const key = keyOf(holding);
    const before = state.vaultTotals.get(key) ?? nobody;
    const totals = { ...before, deposited: before.deposited + amount };
    return withReport(withTotals(state, holding.account, key, totals), holding.eid, holding.account);
  },
});

export const requestTransaction = (holding: Holding, percent: number): Transaction => ({
  what: `request ${percent} % of ${holding.account.slice(0, 6)}`,
  apply(state) {
    const key = keyOf(holding);
    const before = state.vaultTotals.get(key);
    if (before === undefined) return null;
    const requestedTotal = before.withdrawn + ((before.deposited - before.withdrawn) * BigInt(percent)) / 100n;
    const asked = state.asked.get(key) ?? 0n;
    return {
      state: {
        ...state,
        vaultTotals: new Map(state.vaultTotals).set(key, { ...before, requestedTotal }),
        asked: new Map(state.asked).set(key, requestedTotal > asked ? requestedTotal : asked),
      },
    };
  },
});

/** What a vault pays in all under a leaf of the epoch posted there. */
type Due = (leaf: Withdrawable, totals: VaultTotals) => bigint;

const payment = (
  kind: "claim" | "exit",
  holding: Holding,
  epochOf: (digest: Hex) => Epoch | undefined,
  dueAt: (state: Pick<State, "posted">, now: number) => Due,
): Transaction => ({
  what: `${kind} of ${holding.account.slice(0, 6)}`,
  apply(state, now) {
    const key = keyOf(holding);
    const before = state.vaultTotals.get(key) ?? nobody;
    const posted = state.posted === null ? undefined : epochOf(state.posted.digest);
    const leaf = posted?.chains.get(holding.eid)?.withdrawals.get(key);
    if (leaf === undefined) return null;
    const due = dueAt(state, now)(leaf, before);
    if (due <= before.withdrawn || due > before.deposited) return null;
    const amount = due - before.withdrawn;
    const after = withTotals(state, holding.account, key, { ...before, withdrawn: due });
    const paid = new Map(state.paid).set(key, (state.paid.get(key) ?? 0n) + amount);
    return withReport({ ...after, paid }, holding.eid, holding.account);
  },
});

/** `CollateralVault.claimWithdrawal`. */
export const claimTransaction = (holding: Holding, epochOf: (digest: Hex) => Epoch | undefined): Transaction =>
  payment(
    "claim",
    holding,
    epochOf,
    () =>
      ({ approvedTotal }) =>
        approvedTotal,
  );

/** Whether `claimExit` pays: the attestation posted there has been expired for long enough. */
export const exitsAreOpen = ({ posted }: Pick<State, "posted">, now: number): boolean =>
  posted !== null && now >= posted.expiresAt + exitDelaySeconds;

/** `CollateralVault.claimExit`: as much as the owner asked for. */
export const exitTransaction = (holding: Holding, epochOf: (digest: Hex) => Epoch | undefined): Transaction =>
  payment(
    "exit",
    holding,
    epochOf,
    (state, now) =>
      ({ exitTotal }, { requestedTotal }) =>
        exitsAreOpen(state, now) ? min(exitTotal, requestedTotal) : 0n,
  );

/** `MarketLiquidation`, in the hands of somebody who wants to do harm: any taker or backstop, any discount that auctions reach. */
export const saleTransaction = (
  random: Random,
  { eid, consumer }: { readonly eid: Eid; readonly consumer: Address },
  epochOf: (digest: Hex) => Epoch | undefined,
): Transaction => {
  let kind: SaleKind | "sale" = "sale";
  return {
    get what() {
      return `${kind} at ${consumer.slice(0, 4)}`;
    },
    apply(state, now) {
      const posted = state.posted === null ? undefined : epochOf(state.posted.digest);
      const scenarios = [...(posted?.instruments.values() ?? [])][0]?.prices.length;
      const leaves = posted?.chains.get(eid)?.allotments.get(consumer);
      if (posted === undefined || scenarios === undefined || leaves === undefined || now >= posted.header.expiresAt) {
        return null;
      }
      const books = state.portfolios.get(consumer) ?? new Map<AccountId, Portfolio>();
      const queues = posted.chains.get(eid)?.deleverageQueues.get(consumer) ?? new Map<AccountId, AccountId[]>();
      const { header, instruments } = posted;
      const atEpoch = { books, leaves, queues, epoch: header.epoch, instruments, scenarios };
      const sale = adversarialSale(random, atEpoch, accounts);
      if (sale === null) return null;
      const fault = faultOf(sale, atEpoch);
      if (fault !== null) throw new Violation(`${fault}, under epoch ${header.epoch}`);
      kind = sale.kind;
      const after = new Map([...books, ...sale.changed]);
      return { state: { ...state, portfolios: new Map(state.portfolios).set(consumer, after) } };
    },
  };
};

/** `MarginConsumer`'s check on a trade of somebody who wants to lose as much as he can. */
export const tradeTransaction = (
  random: Random,
  { eid, consumer }: { readonly eid: Eid; readonly consumer: Address },
  account: AccountId,
  epochOf: (digest: Hex) => Epoch | undefined,
  change: typeof adversarialChange,
): Transaction => ({
  what: `trade of ${account.slice(0, 6)} at ${consumer.slice(0, 4)}`,
  apply(state, now) {
    const posted = state.posted === null ? undefined : epochOf(state.posted.digest);
    const scenarios = [...(posted?.instruments.values() ?? [])][0]?.prices.length;
    // An epoch that is silent here has no leaf to prove anything with.
    if (posted === undefined || scenarios === undefined || !speaksTo(posted, eid)) return null;
    const leaf = posted.chains.get(eid)?.allotments.get(consumer)?.get(account) ?? null;
    const after = change(random, state.portfolios.get(consumer)?.get(account) ?? nothing, {
      epoch: posted.header.epoch,
      instruments: posted.instruments,
      allotment: now >= posted.header.expiresAt ? null : leaf,
      scenarios,
    });
    if (after === null) return null;
    const held = new Map(state.portfolios.get(consumer)).set(account, after);
    return { state: { ...state, portfolios: new Map(state.portfolios).set(consumer, held) } };
  },
});
