import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { type Abi, type Address, type Hex, numberToHex, parseAbi, stringToHex, zeroAddress } from "viem";
import type { ChainConfig } from "../../src/config.ts";
import { premiumAbi } from "../../src/decode/consumer.ts";
import { feedEmitters } from "./chain.ts";
import { type Emission, emission } from "./emitter.ts";
import { packetEmission } from "./packet.ts";
import type { Random } from "./random.ts";

export const feedAbi = parseAbi([
  "event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)",
]);

export const accounts = [1, 2, 3].map((index) => numberToHex(index, { size: 32 })) as [Hex, ...Hex[]];
export const assets = [0xa1, 0xa2].map((index) => numberToHex(index, { size: 20 })) as [Address, ...Address[]];
export const instruments = ["BTC-PERP", "ETH-PERP"].map((name) => stringToHex(name, { size: 32 })) as [Hex, ...Hex[]];
export const underlyings = ["BTC", "ETH"].map((name) => stringToHex(name, { size: 32 })) as [Hex, ...Hex[]];

/** What an underlying is registered with besides its feed. */
export const feedTerms = {
  feedDecimals: 8,
  freshSeconds: 60,
  maxAgeSeconds: 3600,
  lastSeconds: 7200,
  widestBps: 20_000,
  depth: 10n ** 18n,
};
/** Shocks that follow volatility as far as they may. */
export const volatilityPolicy = {
  referenceVolatility: 500_000n,
  stressedVolatility: 0n,
  floorBps: 7_000,
  capBps: 40_000,
  mostUpBps: 10_000,
  mostDownBps: 25,
};
const charges = { chargeBps: 5, basisBpsAYear: 0, mostBasisBps: 0, shortMinimumBps: 0 };
/** A call as the registry has it; its underlying is the test's own business. */
export const call = { ...charges, kind: 2, multiplier: 10n ** 8n, strike: 10n ** 9n, expiry: 2_000_000_000n };
export const perpetual = { ...call, kind: 0, strike: 0n, expiry: 0n };

/** The least that the risk registry must have said before there is a state. */
export function riskSetup(config: ChainConfig): Emission[] {
  const registry = config.contracts.riskRegistry ?? zeroAddress;
  const abi: Abi = riskRegistryAbi;
  return [
    emission(registry, abi, "ScenarioSetSet", {
      value: { underlyings: [...underlyings], priceShocksBps: [0, 0, -1000, 500], volatilityShocksBps: [0, 0, 0, 0] },
      version: 1,
    }),
    emission(registry, abi, "MarginParametersSet", {
      value: {
        maintenanceBps: 6000,
        bufferBps: 500,
        stickyBps: 300,
        maxLeverage: 10,
        attestationLifetimeSeconds: 600,
      },
      version: 2,
    }),
  ];
}

/** One random event of a random contract of the chain. Nothing in it has to make sense: it has to be kept rightly. */
export function randomEmission(random: Random, config: ChainConfig): Emission {
  const { contracts, eid } = config;
  const amount = BigInt(random.int(1_000_000));
  const [account, asset] = [random.pick(accounts), random.pick(assets)];
  const sequence = BigInt(random.int(100));
  const version = random.int(50) + 3;
  const vault = contracts.vault ?? zeroAddress;
  const ledger = contracts.ledger ?? zeroAddress;
  const registry = contracts.riskRegistry ?? zeroAddress;
  const market = contracts.consumers[0] ?? zeroAddress;
  const feed = () => random.pick(feedEmitters as [Address, ...Address[]]);
  const risk = (name: string, args: Record<string, unknown>) => emission(registry, riskRegistryAbi, name, args);
  return random.pick<() => Emission>([
    () =>
      emission(vault, collateralVaultAbi, "Deposited", {
        ...{ account, asset, from: asset, amount: 1n, deposited: amount, sequence },
      }),
    () =>
      emission(vault, collateralVaultAbi, "Withdrawn", {
        ...{ account, asset, to: asset, amount: 1n, withdrawn: amount, sequence },
      }),
    () => emission(vault, collateralVaultAbi, "WithdrawalRequested", { account, asset, requestedTotal: amount }),
    () =>
      emission(ledger, collateralLedgerAbi, "CollateralReported", {
        ...{ eid: 40000 + random.int(3), account, sequence },
        totals: assets.map((each) => ({ asset: each, deposited: amount, withdrawn: sequence })),
      }),
    () =>
      emission(ledger, collateralLedgerAbi, "WeightsSet", {
        ...{ account, weights: random.int(2) === 0 ? [] : [{ eid, consumer: market, weight: 1 + random.int(9) }] },
      }),
    () =>
      emission(market, derivativeMarketAbi, "PortfolioChanged", {
        ...{ account, instrument: random.pick(instruments), size: BigInt(random.int(5) - 2), cash: amount - 500_000n },
      }),
    () =>
      emission(market, premiumAbi, "PremiumSampled", {
        ...{ instrument: random.pick(instruments), premiumSeconds: -amount, premium: amount, volume: sequence },
      }),
    () =>
      risk("UnderlyingSet", {
        ...{ underlying: random.pick(underlyings), version },
        value: { ...feedTerms, feed: feed() },
      }),
    () =>
      risk("VolatilityPolicySet", {
        ...{ underlying: random.pick(underlyings), version },
        value: { ...volatilityPolicy, stressedVolatility: amount },
      }),
    () =>
      risk("ExpirySet", {
        ...{ underlying: random.pick(underlyings), expiry: 1_000n + sequence, version },
        value: { basisRate: -amount, discountRate: 1n, atTheMoney: amount, skew: -1n, curvature: 1n },
      }),
    () =>
      risk("InstrumentSet", {
        ...{ instrument: random.pick(instruments), version },
        value: { ...call, underlying: random.pick(underlyings), chargeBps: random.int(100) },
      }),
    () =>
      risk("FundingSet", {
        ...{ instrument: random.pick(instruments), version },
        value: { capBps: random.int(1_000), windowSeconds: 3600, turnoverBps: 100 },
      }),
    () =>
      risk("AssetSet", {
        ...{ eid, token: asset, version },
        value: { underlying: random.pick(underlyings), haircutBps: random.int(10_000), decimals: 6, depth: amount },
      }),
    () =>
      emission(feed(), feedAbi, "AnswerUpdated", {
        ...{ current: amount + 1n, roundId: sequence, updatedAt: BigInt(version) },
      }),
    () =>
      emission(contracts.attestations, solvencyAttestationsAbi, "AttestationPosted", {
        epoch: sequence,
        ...{ root: account, chainRoot: account, expiresAt: amount },
      }),
    () =>
      emission(contracts.operatorRegistry ?? zeroAddress, operatorRegistryAbi, "OperatorSetChanged", {
        ...{ id: version, threshold: 2, members: [...assets] },
      }),
    () => packetEmission(random, config),
  ])();
}
