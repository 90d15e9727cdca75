import { portfolioValuesE16 } from "@plimsoll/risk/portfolio";
import { zeroSum } from "@plimsoll/risk/vectors";
import type { Address } from "viem";
import type { Epoch, TransitionInput } from "../../src/epoch.ts";
import type { AccountAssetKey, AccountId, Eid } from "../../src/ids.ts";
import { settlementDelaySeconds } from "../../src/settlement.ts";
import type { ConsumerWeight, MarginParameters, Portfolio, VaultTotals } from "../../src/state.ts";
import { collectCollateral, countedAmount, writeCollateralValue } from "../../src/transition/capacity.ts";
import type { TransitionResult } from "../../src/transition/compute-epoch.ts";
import { priceInstruments } from "../../src/transition/instruments.ts";
import { underlyingMarkets } from "../../src/transition/markets.ts";
import { soundPathRule, speaksTo } from "../../src/transition/path.ts";
import { judgeAllotments } from "../over-allotment.ts";
import { adversarialChange } from "./adversary.ts";
import {
  accounts,
  chainStateOf,
  consumers,
  deposits,
  headOf,
  makeChain,
  type SimulatedChain,
  type Snapshot,
  vaults,
} from "./chains.ts";
import {
  agedMarket,
  fundedMarket,
  hubStateOf,
  type Market,
  oneUsd,
  perpetuals,
  scenarioSets,
  settledMarket,
  startMarket,
  startPrices,
  volatile,
  volatileMarket,
} from "./market.ts";
import { makeRandom, type Random } from "./random.ts";
import { adversarialSale, faultOf, type SaleKind } from "./sales.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
  /** Prices, feeds and scenario sets move; else they stay as they are. */
  readonly moving: boolean;
  /** Now and then operators are away for so long that exits open, and owners say what is to be kept for them. */
  readonly outages?: boolean;
  /** Prices move by leaps, so that accounts are liquidated, insolvent, taken over and deleveraged all the time. */
  readonly crashes?: boolean;
  readonly compute: (input: TransitionInput) => TransitionResult;
}

export interface SimulationOutcome {
  /** The first broken promise, or null. */
  readonly violation: string | null;
  readonly steps: number;
  readonly epochs: number;
  readonly trades: number;
  readonly posts: number;
  readonly claims: number;
  readonly exits: number;
  readonly comparisons: number;
  readonly sales: Readonly<Record<SaleKind, number>>;
  /** How many leaves of accounts a bond could be taken for, if they said too much. */
  readonly provable: number;
  /** How many said more, and rightly so: why such proofs are refused. */
  readonly refused: Readonly<Record<"missing-allotment" | "only-reduce-only", number>>;
}

const lifetimeSeconds = 12;
/** As `CollateralVault.exitDelaySeconds`. Nothing that is safe hangs on its length. */
const exitDelaySeconds = 8;
const margin: MarginParameters = {
  maintenanceBps: 6000,
  bufferBps: 300,
  stickyBps: 200,
  maxLeverage: 8,
  attestationLifetimeSeconds: lifetimeSeconds,
};

const calendar = { expiresIn: [200, 500, 800, 1_100], settlesAfterSeconds: settlementDelaySeconds };
const nothing: Portfolio = { cash: 0n, positions: new Map() };
/** Exits are for who holds nothing: before the first outage nobody does. */
const quietSteps = 200;
const noTotals: VaultTotals = { deposited: 0n, withdrawn: 0n, requestedTotal: 0n };
const nobody: Address = `0x${"00".repeat(20)}`;

/** Runs one world for some steps, or until a promise is broken. One step is one action of anybody. */
export function simulate({
  seed,
  steps,
  moving,
  outages = false,
  crashes = false,
  compute,
}: SimulationOptions): SimulationOutcome {
  const random = makeRandom(seed);
  const chains = new Map<Eid, SimulatedChain>([1, 2, 3].map((eid) => [eid, makeChain(eid, 1_000)]));
  let now = 1_000;
  let market = startMarket(now, moving ? calendar : null);
  let signed: Epoch[] = [];
  /** Signed by too few, each without knowing of the others. Nobody can post them; every later epoch counts them. */
  let unattested: Epoch[] = [];
  let next = 1;
  let weights = new Map<AccountId, readonly ConsumerWeight[]>();
  const sales = { liquidation: 0, takeover: 0, deleveraging: 0 };
  const refused = { "missing-allotment": 0, "only-reduce-only": 0 };
  const count = { epochs: 0, trades: 0, posts: 0, claims: 0, exits: 0, comparisons: 0, sales, provable: 0, refused };
  const outcome = (violation: string | null, step: number) => ({ violation, steps: step, ...count });

  const chainOf = (eid: Eid) => chains.get(eid) as SimulatedChain;
  const epochNumbered = (number: number | null) => signed.find(({ header }) => header.epoch === number);
  const append = (chain: SimulatedChain, change: Partial<Snapshot>) => {
    const head = headOf(chain);
    chain.blocks.push({
      ...head,
      ...change,
      timestampSeconds: Math.max(now, head.timestampSeconds),
      number: head.number + 1,
    });
  };

  const trade = () => {
    const { eid, consumer } = random.pick(consumers);
    const chain = chainOf(eid);
    const head = headOf(chain);
    const posted = epochNumbered(head.postedEpoch);
    if (chain.haltedUntil > now || posted === undefined) return;
    // An epoch that is silent there has no leaf to prove anything with.
    if (!speaksTo(posted, eid)) return;
    const account = random.pick(accounts);
    const held = head.portfolios.get(consumer)?.get(account) ?? nothing;
    const expired = now >= posted.header.expiresAt;
    const leaf = posted.chains.get(eid)?.allotments.get(consumer)?.get(account);
    const scenarios = [...posted.instruments.values()][0]?.prices.length ?? 0;
    if (scenarios === 0) return;
    const after = adversarialChange(random, held, {
      epoch: posted.header.epoch,
      instruments: posted.instruments,
      allotment: expired ? null : (leaf ?? null),
      scenarios,
    });
    if (after === null) return;
    count.trades++;
    const portfolios = new Map(head.portfolios);
    portfolios.set(consumer, new Map(head.portfolios.get(consumer)).set(account, after));
    append(chain, { portfolios });
  };

  /** Somebody else takes what an account below maintenance margin holds. */
  const sell = (): string | null => {
    const { eid, consumer } = random.pick(consumers);
    const chain = chainOf(eid);
    const { portfolios, postedEpoch } = headOf(chain);
    const posted = epochNumbered(postedEpoch);
    const leaves = posted?.chains.get(eid)?.allotments.get(consumer);
    const scenarios = [...(posted?.instruments.values() ?? [])][0]?.prices.length;
    if (chain.haltedUntil > now || posted === undefined || leaves === undefined || scenarios === undefined) return null;
    if (now >= posted.header.expiresAt) return null;
    const books = portfolios.get(consumer) ?? new Map<AccountId, Portfolio>();
    const queues = posted.chains.get(eid)?.deleverageQueues.get(consumer) ?? new Map();
    const { instruments } = posted;
    const epoch = posted.header.epoch;
    const atEpoch = { books, leaves, queues, epoch, instruments, scenarios };
    const sale = adversarialSale(random, atEpoch, accounts);
    if (sale === null) return null;
    sales[sale.kind]++;
    append(chain, { portfolios: new Map(portfolios).set(consumer, new Map([...books, ...sale.changed])) });
    return faultOf(sale, atEpoch);
  };

  const post = () => {
    const chain = chainOf(random.pick([1, 2, 3]));
    if (chain.haltedUntil > now) return;
    const posted = headOf(chain).postedEpoch ?? 0;
    const fresh = signed.filter(({ header }) => header.epoch > posted && now < header.expiresAt);
    if (fresh.length === 0) return;
    count.posts++;
    const taken = random.chance(0.5) ? fresh.at(-1) : random.pick(fresh);
    append(chain, { postedEpoch: taken?.header.epoch ?? null, postedRoot: taken?.header.root ?? null });
  };

  const useVault = () => {
    const { eid, asset, unit } = random.pick(deposits);
    const chain = chainOf(eid);
    if (chain.haltedUntil > now) return;
    const key: AccountAssetKey = `${random.pick(accounts)}:${asset}`;
    const totals = headOf(chain).vaultTotals.get(key) ?? noTotals;
    const balance = totals.deposited - totals.withdrawn;
    const action = random.unit();
    if (action < 0.4) {
      const amount = BigInt(random.below(balance === 0n ? 3000 : 300)) * unit;
      writeTotals(chain, key, { deposited: totals.deposited + amount });
    } else if (action < 0.7) {
      const amount = (balance * BigInt(random.below(120))) / 100n;
      writeTotals(chain, key, { requestedTotal: totals.withdrawn + amount });
    } else claim(chain, key);
  };

  const writeTotals = (chain: SimulatedChain, key: AccountAssetKey, change: Partial<VaultTotals>) => {
    const { vaultTotals } = headOf(chain);
    const totals = { ...(vaultTotals.get(key) ?? noTotals), ...change };
    append(chain, { vaultTotals: new Map(vaultTotals).set(key, totals) });
  };

  /** All that the vault pays by now: what was approved, or more once exits are open. */
  const claim = (chain: SimulatedChain, key: AccountAssetKey) => {
    const head = headOf(chain);
    const posted = epochNumbered(head.postedEpoch);
    const leaf = posted?.chains.get(chain.eid)?.withdrawals.get(key);
    if (chain.haltedUntil > now || posted === undefined || leaf === undefined) return;
    const isOpen = Math.max(now, head.timestampSeconds) >= posted.header.expiresAt + exitDelaySeconds;
    const withdrawn = isOpen ? leaf.exitTotal : leaf.approvedTotal;
    if (withdrawn <= (head.vaultTotals.get(key)?.withdrawn ?? 0n)) return;
    if (withdrawn > leaf.approvedTotal) count.exits++;
    else count.claims++;
    writeTotals(chain, key, { withdrawn });
  };

  /** Owners think again of what is to be kept at home. */
  const chooseWeights = () => {
    const parts = [{ eid: 0, consumer: nobody }, ...consumers].map((where) => ({ ...where, weight: random.below(3) }));
    weights = new Map(weights).set(random.pick(accounts), random.chance(0.3) ? [] : parts);
  };

  /** Nobody signs or posts for so long that everything expires and exits open; some are made before operators return. */
  const outage = () => {
    now += lifetimeSeconds + exitDelaySeconds + random.below(10);
    for (const { eid, asset } of deposits) {
      for (const account of accounts) if (random.chance(0.5)) claim(chainOf(eid), `${account}:${asset}`);
    }
    for (let choices = 0; choices < 3; choices++) chooseWeights();
  };

  const report = () => {
    const hub = chainOf(1);
    const eid = random.pick([...vaults.keys()]);
    const { vaultTotals } = random.pick(chainOf(eid).blocks);
    const head = headOf(hub);
    const ledger = new Map(head.ledger.get(eid));
    for (const [key, { deposited, withdrawn }] of vaultTotals) {
      if (deposited >= (ledger.get(key)?.deposited ?? 0n)) ledger.set(key, { deposited, withdrawn });
    }
    append(hub, { ledger: new Map(head.ledger).set(eid, ledger) });
  };

  const moveMarket = () => {
    market = moving ? movedMarket(random, market, crashes) : market;
    market = settledMarket(market, now, (price) => (price * BigInt(9_500 + random.below(1_001))) / 10_000n);
  };

  /** Signs an epoch over a cut that lags behind by a random number of blocks on every chain. */
  const sign = (): string | null => {
    const cutAt = new Map<Eid, Snapshot>();
    for (const chain of chains.values()) {
      // Idle chains make blocks too, unless they are halted.
      if (chain.haltedUntil <= now && random.chance(0.7)) append(chain, {});
      const upTo = random.chance(0.15)
        ? 0
        : random.chance(0.4)
          ? chain.blocks.length - 1
          : random.below(chain.blocks.length);
      chain.blocks = chain.blocks.slice(upTo);
      cutAt.set(chain.eid, chain.blocks[0] as Snapshot);
    }
    signed = signed.filter(
      ({ header }) =>
        [...cutAt.values()].some(
          ({ postedEpoch, timestampSeconds }) => postedEpoch === header.epoch || timestampSeconds < header.expiresAt,
        ) || [...chains.values()].some(({ blocks }) => blocks.some(({ postedEpoch }) => postedEpoch === header.epoch)),
    );
    unattested = unattested.filter(({ header }) =>
      [...cutAt.values()].some(({ timestampSeconds }) => timestampSeconds < header.expiresAt),
    );
    const states = new Map([...cutAt].map(([eid, snapshot]) => [eid, chainStateOf(eid, snapshot)] as const));
    const state = {
      cut: [...states.values()].map(({ block }) => block),
      hub: { ...hubStateOf(cutAt.get(1) as Snapshot, market, margin), weights },
      chains: states,
    };
    const about = { operatorSetId: 1, issuedAt: now, state };
    if (random.chance(0.25)) {
      unattested = [...unattested, compute({ ...about, epoch: next, earlier: signed }).epoch];
      next++;
      return null;
    }
    const result = compute({ ...about, epoch: next, earlier: [...signed, ...unattested] });
    for (const { account, allotted, worth, refusal } of judgeAllotments(result.epoch, state)) {
      if (refusal === null) count.provable++;
      if (allotted <= worth) continue;
      if (refusal === null) return `epoch ${next}: ${account} is allotted ${allotted} E8, and deposited ${worth} E8`;
      refused[refusal]++;
    }
    const { prices } = result;
    for (const [account, { consumers: reports }] of result.accounts) {
      for (const { eid, consumer, reserved } of reports) {
        const held = headOf(chainOf(eid)).portfolios.get(consumer)?.get(account) ?? nothing;
        const values = portfolioValuesE16(held.cash, holdingsOf(held, prices), reserved.length);
        for (const [s, value] of values.entries()) {
          count.comparisons++;
          if (-value > (reserved[s] ?? 0n) * oneUsd) {
            return `epoch ${next}, scenario ${s}: lost ${-value} E16, reserved ${reserved[s]} E8`;
          }
        }
      }
    }
    signed = [...signed, result.epoch];
    next++;
    count.epochs++;
    return null;
  };

  /** At fixed prices no account may ever have lost more than the collateral that cannot leave, now or by exit later. */
  const insolvent = (account: AccountId): string | null => {
    const states = new Map([...chains].map(([eid, chain]) => [eid, chainStateOf(eid, headOf(chain))] as const));
    const hub = hubStateOf(headOf(chainOf(1)), market, margin);
    const live = signed.filter(({ header }) =>
      [...chains.values()].some((chain) => {
        const posted = headOf(chain).postedEpoch ?? 0;
        return (
          header.epoch === posted ||
          (header.epoch > posted && Math.max(now, headOf(chain).timestampSeconds) < header.expiresAt)
        );
      }),
    );
    const reported = new Map([...states].map(([eid, { vaultTotals }]) => [eid, vaultTotals] as const));
    const state = { cut: [], hub: { ...hub, ledger: reported }, chains: states };
    const markets = underlyingMarkets(hub, 0, []);
    const prices = priceInstruments(hub, markets, { nowSeconds: 0, cutSeconds: 0 }, () => true).all;
    const rows = [...prices.values()][0]?.prices.length ?? 1;
    const values = new Array<bigint>(rows).fill(0n);
    const worth = new BigInt64Array(rows);
    for (const item of collectCollateral(state, live, markets, soundPathRule.exits).get(account) ?? []) {
      if (countedAmount(item, item.exitable) === 0n) continue;
      writeCollateralValue(item, item.exitable, zeroSum(rows), worth);
      for (let s = 0; s < rows; s++) values[s] = (values[s] ?? 0n) + (worth[s] ?? 0n) * oneUsd;
    }
    for (const { eid, consumer } of consumers) {
      const held = headOf(chainOf(eid)).portfolios.get(consumer)?.get(account) ?? nothing;
      portfolioValuesE16(held.cash, holdingsOf(held, prices), rows).forEach((value, s) => {
        values[s] = (values[s] ?? 0n) + value;
      });
    }
    const broken = values.findIndex((value) => value < 0n);
    return broken < 0 ? null : `account ${account} is worth ${values[broken]} E16 in scenario ${broken}`;
  };

  for (let choices = 0; outages && choices < 6; choices++) chooseWeights();
  for (let step = 1; step <= steps; step++) {
    const action = random.unit();
    let violation: string | null = null;
    if (outages && (step === quietSteps || random.chance(0.003))) outage();
    else if (outages && random.chance(0.01)) chooseWeights();
    else if (crashes && action < 0.2) violation = sell();
    else if (action < 0.71) {
      if (!outages || step > quietSteps) trade();
    } else if (action < 0.81) post();
    else if (action < 0.86) useVault();
    else if (action < 0.9) report();
    else if (action < 0.935) moveMarket();
    else if (action < 0.965) now += random.below(5);
    else if (action < 0.967) chainOf(random.pick([2, 3])).haltedUntil = now + random.below(2 * lifetimeSeconds);
    else violation = sign();
    if (!moving && violation === null && step % 3 === 0) violation = insolvent(random.pick(accounts));
    if (violation !== null) return outcome(`step ${step}: ${violation}`, step);
  }
  return outcome(null, steps);
}

function movedMarket(random: Random, market: Market, crashes: boolean): Market {
  // Nobody is liquidated at a price in doubt: where prices leap, feeds are mostly fresh.
  const kind = crashes && random.chance(0.9) ? 1 : random.unit();
  if (kind < 0.05) return { ...market, scenarios: random.pick(scenarioSets) };
  if (kind < 0.15) return agedMarket(market, random.pick(volatile), random.pick([0, 15, 40, 70, 130]));
  if (kind < 0.25) return volatileMarket(market, random.pick(volatile), BigInt(100_000 + random.below(2e6)));
  // Up to 0.4 dollars, of underlyings at 1,000 and 40.
  if (kind < 0.35) return fundedMarket(market, random.pick(perpetuals), BigInt(random.below(8e7) - 4e7));
  const id = random.pick(volatile);
  const most = random.chance(0.1) ? 2000 : crashes && random.chance(0.4) ? 5000 : 150;
  const price = market.pricesE8.get(id) ?? 0n;
  const moved = (price * BigInt(10_000 + random.below(2 * most) - most)) / 10_000n;
  // Prices that wander off for good would end the game.
  const start = startPrices.get(id) ?? 0n;
  const kept = moved > 3n * start || 3n * moved < start ? start : moved;
  return { ...market, pricesE8: new Map(market.pricesE8).set(id, kept) };
}

function holdingsOf(portfolio: Portfolio, prices: Epoch["instruments"]) {
  return Array.from(portfolio.positions, ([id, size]) => {
    const instrument = prices.get(id);
    if (instrument === undefined) throw new RangeError(`no price for ${id}`);
    return { size, instrument };
  });
}
