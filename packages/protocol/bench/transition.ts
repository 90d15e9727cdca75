// One transition over many accounts: time and memory of a first epoch, of a price tick, and of 1 % of accounts moving.
// Prints one JSON object a line. Usage: node bench/transition.ts [accounts]

import type { Address, Hex } from "viem";
import { makeAccountId, nameToId } from "../src/account.ts";
import { makeTreeCache, type TreeCache } from "../src/chain-tree.ts";
import type { Epoch, TransitionInput } from "../src/epoch.ts";
import type { AccountAssetKey, AccountId, ChainAddressKey, Eid, InstrumentId } from "../src/ids.ts";
import type { Asset, ChainState, LedgerTotals, Portfolio, StateAtCut, VaultTotals } from "../src/state.ts";
import { transition } from "../src/transition/transition.ts";

const accountCount = Number(process.argv[2] ?? 100_000);
const oneUsd = 100_000_000n;
const underlyings = ["BTC", "ETH", "SOL", "USDC"].map(nameToId);
const instruments = ["BTC-PERP", "ETH-PERP", "SOL-PERP"].map(nameToId);
const usdc: Address = `0x${"d1".repeat(20)}`;
const vault: Address = `0x${"aa".repeat(20)}`;
const markets: readonly [Eid, Address][] = [
  [2, `0x${"b1".repeat(20)}`],
  [3, `0x${"c1".repeat(20)}`],
];

/** 31 rows: base, every coin alone and all together, up and down by several amounts. */
const moves = [1000, -1000, 2000, -2000, 3000, -3000];
const shocks = [
  [0, 0, 0, 0],
  ...moves.flatMap((move) => [
    [move, 0, 0, 0],
    [0, move, 0, 0],
    [0, 0, move, 0],
    [move, move, move, 0],
    [move, -move, 0, 0],
  ]),
];

const limits = { freshSeconds: 60, maxAgeSeconds: 3600, lastSeconds: 7200, widestBps: 20_000, depthE8: 10n ** 17n };

interface Holdings {
  readonly vaultTotals: Map<AccountAssetKey, VaultTotals>;
  readonly ledger: Map<AccountAssetKey, LedgerTotals>;
  readonly portfolios: ReadonlyMap<Eid, Map<AccountId, Portfolio>>;
}

function makeHoldings(prices: readonly bigint[]): Holdings {
  const vaultTotals = new Map<AccountAssetKey, VaultTotals>();
  const ledger = new Map<AccountAssetKey, LedgerTotals>();
  const portfolios = new Map(markets.map(([eid]) => [eid, new Map<AccountId, Portfolio>()]));
  for (let index = 0; index < accountCount; index++) {
    const owner: Address = `0x${(index + 1).toString(16).padStart(8, "0").repeat(5)}`;
    const account = makeAccountId(owner);
    const deposited = BigInt(5_000 + (index % 97) * 100) * 1_000_000n;
    vaultTotals.set(`${account}:${usdc}`, { deposited, withdrawn: 0n, requestedTotal: 0n });
    ledger.set(`${account}:${usdc}`, { deposited, withdrawn: 0n });
    for (const [position, [eid]] of markets.entries()) {
      portfolios.get(eid)?.set(account, makePortfolio(index + position, prices, 3_000n));
    }
  }
  return { vaultTotals, ledger, portfolios };
}

/** Two positions, bought or sold at the mark for some dollars each. */
function makePortfolio(index: number, prices: readonly bigint[], dollars: bigint): Portfolio {
  const positions = new Map<InstrumentId, bigint>();
  let cash = 0n;
  for (const which of [index % 3, (index + 1) % 3]) {
    const price = prices[which] ?? oneUsd;
    const size = ((index % 2 === 0 ? dollars : -dollars) * oneUsd * oneUsd) / price;
    positions.set(instruments[which] as InstrumentId, size);
    cash -= (size * price) / oneUsd;
  }
  return { cash, positions };
}

function makeInput(epoch: number, holdings: Holdings, prices: readonly bigint[], earlier: Epoch[]): TransitionInput {
  const now = 1_760_000_000 + epoch;
  const postedEpoch = earlier.at(-1)?.header.epoch ?? null;
  const hash: Hex = `0x${epoch.toString(16).padStart(64, "0")}`;
  const feed: Address = `0x${"fe".repeat(20)}`;
  const chains = new Map<Eid, ChainState>(
    [1, 2, 3].map((eid) => [
      eid,
      {
        block: { eid, number: epoch, hash, timestampSeconds: now },
        postedEpoch,
        postedRoot: earlier.at(-1)?.header.root ?? null,
        vaultTotals: eid === 1 ? holdings.vaultTotals : new Map(),
        portfolios: new Map(
          markets.filter(([id]) => id === eid).map(([, market]) => [market, holdings.portfolios.get(eid) ?? new Map()]),
        ),
      },
    ]),
  );
  const state: StateAtCut = {
    cut: [...chains.values()].map(({ block }) => block),
    hub: {
      eid: 1,
      risk: {
        version: 1,
        underlyings: new Map(underlyings.map((id) => [id, { ...limits, feed, feedDecimals: 8 }])),
        volatility: new Map(),
        expiries: new Map(),
        funding: new Map(),
        assets: new Map<ChainAddressKey, Asset>([
          [`1:${usdc}`, { underlying: underlyings[3] as Hex, haircutBps: 100, decimals: 6, depthE8: 10n ** 17n }],
        ]),
        instruments: new Map(
          instruments.map((id, index) => [
            id,
            {
              kind: "perpetual",
              underlying: underlyings[index] as Hex,
              multiplierE8: oneUsd,
              strikeE8: 0n,
              expirySeconds: 0,
              chargeBps: 5,
              basisBpsAYear: 0,
              mostBasisBps: 0,
              shortMinimumBps: 0,
            },
          ]),
        ),
        vaults: new Map([[1, vault]]),
        consumers: new Map(markets.map(([eid, market]) => [`${eid}:${market}` as ChainAddressKey, true])),
        scenarios: { underlyings, priceShocksBps: shocks.flat(), volatilityShocksBps: shocks.flat().map(() => 0) },
        margin: {
          maintenanceBps: 6000,
          bufferBps: 1000,
          stickyBps: 500,
          maxLeverage: 10,
          attestationLifetimeSeconds: 600,
        },
      },
      prices: new Map(
        underlyings.map((id, index) => [id, { priceE8: prices[index] ?? oneUsd, updatedAtSeconds: now }]),
      ),
      volatility: new Map(),
      averages: new Map(),
      fundingIndex: new Map(),
      ledger: new Map([[1, holdings.ledger]]),
      weights: new Map(),
    },
    chains,
  };
  return { epoch, operatorSetId: 1, issuedAt: now, state, earlier };
}

function print(bench: string, value: number, unit: string): void {
  console.log(JSON.stringify({ bench, value: Number(value.toFixed(3)), unit }));
}

function run(name: string, input: TransitionInput, cache: TreeCache): Epoch {
  const start = performance.now();
  const processor = process.cpuUsage();
  const { epoch } = transition(input, cache);
  // Unlike the time, this is the same when others use the machine too. It includes the collector's threads.
  const { user, system } = process.cpuUsage(processor);
  print(`transition/${name}/cpu-time`, (user + system) / 1e6, "s");
  print(`transition/${name}/time`, (performance.now() - start) / 1000, "s");
  print(`transition/${name}/peak-memory`, process.resourceUsage().maxRSS / 1024, "MiB");
  return epoch;
}

const start = [120_000n * oneUsd, 4_300n * oneUsd, 220n * oneUsd, oneUsd];
const tick = [120_060n * oneUsd, 4_298n * oneUsd, 220n * oneUsd, oneUsd];
const holdings = makeHoldings(start);
print("transition/accounts", accountCount, "accounts");
print("transition/input/peak-memory", process.resourceUsage().maxRSS / 1024, "MiB");
const cache = makeTreeCache();
const first = run("first-epoch", makeInput(1, holdings, start, []), cache);
const second = run("price-tick", makeInput(2, holdings, tick, [first]), cache);
for (const [eid] of markets) {
  const portfolios = holdings.portfolios.get(eid);
  let index = 0;
  for (const account of portfolios?.keys() ?? []) {
    if (index++ % 100 === 0) portfolios?.set(account, makePortfolio(index, tick, 1_000n));
  }
}
run("one-percent-traded", makeInput(3, holdings, tick, [second]), cache);
