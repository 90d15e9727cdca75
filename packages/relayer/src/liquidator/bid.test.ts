import { oneE8 } from "@plimsoll/risk/fixed-point";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bidOn, nextMove } from "./bid.ts";
import { whole } from "./fraction.ts";
import { discountOf } from "./profit.ts";

const usd = (dollars: number) => BigInt(dollars) * oneE8;

/** Worth 100 at mark, half of which may be sold; a quarter is at risk. */
const book = {
  ...{ gross: usd(10_000), grossLimit: usd(5_000), owed: usd(-100) },
  losses: [usd(-100), usd(2_400)],
  allotment: [usd(0), usd(2_400)],
  positions: [{ instrument: "0x01", size: 0n, mark: 0n, notional: usd(10_000), active: true }],
} as unknown as Liquidation;
const room = { losses: [usd(1e6), usd(1e6)], gross: usd(1e6) };
const cost = { gas: 1_000_000n, gasPriceWei: 10n ** 9n, nativeUsdE8: usd(4_000) };
const bidding = { closingBps: 20, minimumProfit: usd(5) };
const options = { room, most: whole, cost, bidding };

test("default: the largest part, and what it has to bring", () => {
  const bid = bidOn(book, options);
  expect(bid?.part).toMatchObject({ fraction: whole / 2n, notional: usd(5_000), risk: usd(1_250) });
  expect(bid?.least).toBe(usd(5 + 10 + 4));
  expect(bidOn(book, { ...options, most: whole / 4n })?.part.fraction).toBe(whole / 4n);
});

test("behavior: none where there is no room, nothing to sell, or not enough at risk", () => {
  expect(bidOn(book, { ...options, room: { ...room, gross: 0n } })).toBeNull();
  expect(bidOn({ ...book, grossLimit: usd(10_000) }, options)).toBeNull();
  expect(bidOn(book, { ...options, bidding: { ...bidding, minimumProfit: usd(240) } })).toBeNull();
});

test("behavior: it is started where its end pays for that too, and taken from the first discount on that pays", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: whole / 5n }), fc.bigInt({ min: 0n, max: usd(300) }), (rate, startCost) => {
      const bid = bidOn(book, options);
      if (bid === null) return expect.unreachable();
      const pays = discountOf(bid.part.risk, rate) >= bid.least;
      expect(nextMove(bid, { startedAt: 1, discountRate: rate }, startCost)).toBe(pays ? "take" : "wait");
      expect(nextMove(bid, null, startCost)).toBe(startCost <= usd(250 - 19) ? "start" : "wait");
    }),
  );
});
