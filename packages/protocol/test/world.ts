import type { Address, Hex } from "viem";
import { makeAccountId, nameToId } from "../src/account.ts";
import type { Epoch, TransitionInput } from "../src/epoch.ts";
import type { AccountAssetKey, AccountId, ChainAddressKey, Eid, InstrumentId, UnderlyingId } from "../src/ids.ts";
import type {
  Asset,
  ChainState,
  ConsumerWeight,
  FeedPrice,
  HubState,
  Instrument,
  LedgerTotals,
  MarginParameters,
  Portfolio,
  RiskState,
  ScenarioSet,
  StateAtCut,
  VaultTotals,
} from "../src/state.ts";

/** Addresses and ids of a deployment with a vault on chain 1, the hub, and markets on chains 2 and 3. */
export const btc = nameToId("BTC");
export const eth = nameToId("ETH");
export const usd = nameToId("USDC");
export const btcPerp = nameToId("BTC-PERP");
export const ethPerp = nameToId("ETH-PERP");
export const vault: Address = `0x${"aa".repeat(20)}`;
export const usdc: Address = `0x${"bb".repeat(20)}`;
export const weth: Address = `0x${"cc".repeat(20)}`;
export const marketB: Address = `0x${"0b".repeat(20)}`;
export const marketC: Address = `0x${"0c".repeat(20)}`;
export const alice = makeAccountId(`0x${"a1".repeat(20)}`, 7n);
export const bob = makeAccountId(`0x${"b0".repeat(20)}`);

export const oneUsd = 100_000_000n;
export const day = 1_760_000_000;

const scenarios: ScenarioSet = {
  underlyings: [btc, eth, usd],
  priceShocksBps: [0, 0, 0, 1500, 1500, 0, -1500, -1500, 0, 2000, 0, 0, -2000, 0, 0, 0, 2500, 0, 0, -2500, 0],
  volatilityShocksBps: new Array<number>(21).fill(0),
};

const margin: MarginParameters = {
  maintenanceBps: 6000,
  bufferBps: 500,
  stickyBps: 300,
  maxLeverage: 10,
  attestationLifetimeSeconds: 600,
};

/** What a test may say about the state at a cut; all else is as in a fresh deployment. */
export interface World {
  prices?: ReadonlyMap<UnderlyingId, FeedPrice>;
  vaultTotals?: ReadonlyMap<AccountAssetKey, VaultTotals>;
  ledger?: ReadonlyMap<AccountAssetKey, LedgerTotals>;
  portfolios?: { b?: ReadonlyMap<AccountId, Portfolio>; c?: ReadonlyMap<AccountId, Portfolio> };
  posted?: { a?: number; b?: number; c?: number };
  weights?: ReadonlyMap<AccountId, readonly ConsumerWeight[]>;
  timestampSeconds?: number;
  scenarios?: ScenarioSet;
  margin?: MarginParameters;
  inactive?: Address;
  /** Besides the two perpetuals. */
  instruments?: ReadonlyMap<InstrumentId, Instrument>;
  risk?: Partial<RiskState>;
  volatility?: HubState["volatility"];
  averages?: HubState["averages"];
  fundingIndex?: HubState["fundingIndex"];
}

/** Alice keeps nothing for exit while she is idle; all else is as if she had said nothing. */
export const nothingKept: Pick<World, "weights"> = {
  weights: new Map([[alice, [{ eid: 0, consumer: `0x${"00".repeat(20)}`, weight: 0 }]]]),
};

/** So deep that no amount of a test is large against it. */
export const deep = 10n ** 30n;

/** Fresh up to the last second, so that shocks are as registered unless a test lets a price grow old. */
export const feedLimits = { freshSeconds: 3599, maxAgeSeconds: 3600, lastSeconds: 7200, widestBps: 20_000 };
export const noDatedCharges = { basisBpsAYear: 0, mostBasisBps: 0, shortMinimumBps: 0 };

export const calmPrices: ReadonlyMap<UnderlyingId, FeedPrice> = new Map([
  [btc, { priceE8: 120_000n * oneUsd, updatedAtSeconds: day }],
  [eth, { priceE8: 4_300n * oneUsd, updatedAtSeconds: day }],
  [usd, { priceE8: oneUsd, updatedAtSeconds: day }],
]);

/** Collateral in USDC that both the vault and the ledger know of. */
export function deposit(account: AccountId, dollars: bigint, requested = 0n, withdrawn = 0n) {
  const key: AccountAssetKey = `${account}:${usdc}`;
  const deposited = dollars * 1_000_000n;
  return {
    vaultTotals: new Map([[key, { deposited, withdrawn, requestedTotal: requested * 1_000_000n }]]),
    ledger: new Map([[key, { deposited, withdrawn }]]),
  };
}

export function portfolio(cash: bigint, positions: readonly (readonly [InstrumentId, bigint])[]): Portfolio {
  return { cash, positions: new Map(positions.filter(([, size]) => size !== 0n)) };
}

export function makeState(world: World, earlier: readonly Epoch[] = []): StateAtCut {
  const timestampSeconds = world.timestampSeconds ?? day;
  const block = (eid: Eid) => ({
    eid,
    number: 100 + eid,
    hash: `0x${`${eid}`.padStart(64, "0")}` as Hex,
    timestampSeconds,
  });
  const chain = (
    eid: Eid,
    consumer: Address | null,
    posted: number | undefined,
    held: ReadonlyMap<AccountId, Portfolio>,
  ) =>
    [
      eid,
      {
        block: block(eid),
        postedEpoch: posted ?? null,
        postedRoot: earlier.find(({ header }) => header.epoch === posted)?.header.root ?? null,
        vaultTotals: eid === 1 ? (world.vaultTotals ?? new Map()) : new Map(),
        portfolios: consumer === null ? new Map() : new Map([[consumer, held]]),
      },
    ] as [Eid, ChainState];
  const kind = "perpetual" as const;
  const perpetual = { kind, multiplierE8: oneUsd, strikeE8: 0n, expirySeconds: 0, chargeBps: 10, ...noDatedCharges };
  const feed: Address = `0x${"fe".repeat(20)}`;
  return {
    cut: [block(1), block(2), block(3)],
    hub: {
      eid: 1,
      risk: {
        version: 3,
        underlyings: new Map(
          [btc, eth, usd].map((id) => [id, { ...feedLimits, feed, feedDecimals: 8, depthE8: deep }]),
        ),
        volatility: new Map(),
        expiries: new Map(),
        funding: new Map(),
        assets: new Map<ChainAddressKey, Asset>([
          [`1:${usdc}`, { underlying: usd, haircutBps: 100, decimals: 6, depthE8: deep }],
          [`1:${weth}`, { underlying: eth, haircutBps: 1000, decimals: 18, depthE8: deep }],
        ]),
        instruments: new Map([
          [ethPerp, { ...perpetual, underlying: eth }],
          [btcPerp, { ...perpetual, underlying: btc }],
          ...(world.instruments ?? []),
        ]),
        vaults: new Map([[1, vault]]),
        consumers: new Map<ChainAddressKey, boolean>([
          [`3:${marketC}`, world.inactive !== marketC],
          [`2:${marketB}`, world.inactive !== marketB],
        ]),
        scenarios: world.scenarios ?? scenarios,
        margin: world.margin ?? margin,
        ...world.risk,
      },
      prices: world.prices ?? calmPrices,
      volatility: world.volatility ?? new Map(),
      averages: world.averages ?? new Map(),
      fundingIndex: world.fundingIndex ?? new Map(),
      ledger: new Map([[1, world.ledger ?? new Map()]]),
      weights: world.weights ?? new Map(),
    },
    chains: new Map([
      chain(3, marketC, world.posted?.c, world.portfolios?.c ?? new Map()),
      chain(1, null, world.posted?.a, new Map()),
      chain(2, marketB, world.posted?.b, world.portfolios?.b ?? new Map()),
    ]),
  };
}

export function makeInput(epoch: number, world: World, earlier: readonly Epoch[] = []): TransitionInput {
  const issuedAt = world.timestampSeconds ?? day;
  return { epoch, operatorSetId: 1, issuedAt, state: makeState(world, earlier), earlier };
}
