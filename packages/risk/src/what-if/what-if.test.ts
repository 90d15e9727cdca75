import fc from "fast-check";
import { expect, test } from "vitest";
import { accounts, market } from "../../test/situations.ts";
import { accountMargin } from "../account/account-margin.ts";
import { ImpossibleChange, UnknownInMarket } from "../account/errors.ts";
import { priceMarket } from "../account/priced-market.ts";
import { applyChanges, type Change } from "./change.ts";
import { whatIf } from "./what-if.ts";

const priced = priceMarket(market);
const day = 86_400;
const sizes = fc.bigInt({ min: -300_000_000n, max: 300_000_000n });
const instruments = fc.constantFrom(...market.instruments.keys());

test("default: trade, transfer and move, before and after", () => {
  const account = {
    chains: [{ chain: "alder", cash: 0n, positions: [], collateral: [{ asset: "USDC", amount: 50_000_000_000n }] }],
  };
  const { before, after, difference } = whatIf({ priced, account }, [
    { kind: "trade", chain: "birch", instrument: "ETH-PERP", size: -1_000_000_000n },
    { kind: "transfer", chain: "alder", asset: "USDC", amount: -10_000_000_000n },
    { kind: "move", underlying: "ETH", priceBps: 1000 },
  ]);
  expect(before).toMatchObject({ base: 49_495_05000000n, standing: "healthy" });
  // Ten short from 2,100.12 at 2,310.14, and 99 % of 10,000 dollars at 0.9999 gone; a little for charges and size.
  expect(Number(difference.base) / 1e8).toBeCloseTo(-9_899.01 - 2_100.12 - 0.0005 * 23_101 - 59.1, 0);
  // 13 % of 40,000 dollars are more than 13 % times 1.2 of 23,000 in ether.
  expect(after).toMatchObject({ worstScenario: 8, standing: "healthy" });
});

test("behavior: a trade and its reverse at the same price leave the account as it was, but for dust", () => {
  fc.assert(
    fc.property(accounts, instruments, sizes, (account, instrument, size) => {
      const trade = (signed: bigint): Change => ({ kind: "trade", chain: "birch", instrument, size: signed });
      const { before, after } = whatIf({ priced, account }, [trade(size), trade(-size)]);
      expect(
        after.values.every((value, s) => value <= (before.values[s] ?? 0n) && value + 2n >= (before.values[s] ?? 0n)),
      ).toBe(true);
    }),
  );
});

test("behavior: at the mark a trade costs its charges and what its size costs, and nothing else", () => {
  fc.assert(
    fc.property(accounts, sizes, (account, size) => {
      const { difference, before, after } = whatIf({ priced, account }, [
        { kind: "trade", chain: "birch", instrument: "ETH-PERP", size },
      ]);
      const held = account.chains[1]?.positions.find(({ instrument }) => instrument === "ETH-PERP")?.size ?? 0n;
      const magnitude = (x: bigint) => (x < 0n ? -x : x);
      const charged = ((magnitude(held + size) - magnitude(held)) * 1_05006173n) / 100_000_000n;
      const eth = ({ concentration }: typeof before) => concentration.get("ETH") ?? 0n;
      expect(magnitude(difference.base + charged + eth(after) - eth(before)) <= 3n).toBe(true);
    }),
  );
});

test("behavior: a moved market is the market that has those prices", () => {
  fc.assert(
    fc.property(accounts, fc.integer({ min: -9_000, max: 20_000 }), (account, priceBps) => {
      const moved = applyChanges({ priced, account }, [{ kind: "move", underlying: "BTC", priceBps }]);
      const known = market.underlyings.get("BTC") ?? { priceE8: 0n };
      const priceE8 = (known.priceE8 * BigInt(10_000 + priceBps)) / 10_000n;
      const there = { ...market, underlyings: new Map(market.underlyings) };
      const btc = market.underlyings.get("BTC");
      if (btc) there.underlyings.set("BTC", { ...btc, priceE8 });
      expect(accountMargin(moved.priced, account)).toEqual(accountMargin(priceMarket(there), account));
    }),
    { numRuns: 30 },
  );
});

test("behavior: time and volatility move options alone", () => {
  const holding = (instrument: string) => ({
    chains: [{ chain: "birch", cash: 0n, positions: [{ instrument, size: 100_000_000n }], collateral: [] }],
  });
  const changed = (instrument: string, change: Change) =>
    whatIf({ priced, account: holding(instrument) }, [change]).difference.base;
  expect(changed("BTC-PERP", { kind: "time", seconds: day })).toBe(0n);
  expect(changed("BTC-80-C", { kind: "time", seconds: day })).toBeLessThan(0n);
  // Past expiry the call is worth nothing, the future what the index is.
  const expired = applyChanges({ priced, account: holding("BTC-80-C") }, [{ kind: "time", seconds: 60 * day }]);
  expect(accountMargin(expired.priced, expired.account).base <= 0n).toBe(true);
  expect(changed("BTC-PERP", { kind: "move", underlying: "BTC", volatilityBps: 5000 })).toBe(0n);
  expect(changed("BTC-80-C", { kind: "move", underlying: "BTC", volatilityBps: 5000 })).toBeGreaterThan(0n);
});

test("error: UnknownInMarket, ImpossibleChange", () => {
  const after = (change: Change) => () => applyChanges({ priced, account: { chains: [] } }, [change]);
  expect(after({ kind: "trade", chain: "birch", instrument: "X", size: 1n })).toThrow(UnknownInMarket);
  expect(after({ kind: "transfer", chain: "birch", asset: "X", amount: 1n })).toThrow(UnknownInMarket);
  expect(after({ kind: "move", underlying: "X" })).toThrow(UnknownInMarket);
  expect(after({ kind: "transfer", chain: "birch", asset: "USDC", amount: -1n })).toThrow(ImpossibleChange);
  expect(after({ kind: "move", underlying: "BTC", priceBps: -10_000 })).toThrow(ImpossibleChange);
  expect(after({ kind: "time", seconds: -1 })).toThrow(ImpossibleChange);
});
