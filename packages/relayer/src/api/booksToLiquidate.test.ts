import { nameToId } from "@plimsoll/protocol/account";
import { type AccountStatus, accountStatus, type Epoch, instrumentStatus } from "@plimsoll/protocol/epoch";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Portfolio, StateAtCut } from "@plimsoll/protocol/state";
import type { AccountReport } from "@plimsoll/protocol/transition/account";
import { expect, test } from "vitest";
import { alice, btcPerp, market } from "../../test/support/chains.ts";
import { booksToLiquidate } from "./booksToLiquidate.ts";

const usd = 10n ** 8n;
const option = nameToId("OPTION");
const other: AccountId = `0x${"98".repeat(32)}`;

/** At 100 dollars, with a dollar's charge. */
const instruments = new Map([
  [btcPerp, { status: instrumentStatus.active, mark: 100n * usd, notional: 100n * usd, prices: prices(100n, 75n) }],
  [option, { status: instrumentStatus.reduceOnly, mark: 3n, notional: 100n * usd, prices: prices(0n, 0n) }],
]);

function prices(...dollars: bigint[]): BigInt64Array {
  return BigInt64Array.from(dollars, (price) => price * usd);
}

/** The books of chain 2's market, and the status of each account's leaf there. */
function world(books: Map<AccountId, Portfolio>, statuses: Map<AccountId, AccountStatus>) {
  const state = {
    chains: new Map([[2, { portfolios: new Map([[market, books]]) }]]),
  } as unknown as StateAtCut;
  const epoch = { header: { epoch: 7 }, instruments } as unknown as Epoch;
  const reports = new Map(
    [...statuses].map(([account, status]) => {
      const allotment = { status, grossLimit: 150n * usd, losses: prices(60n, 80n) };
      const consumers = [{ eid: 2, consumer: market, losses: prices(52n, 102n), allotment }];
      const margin = { base: 5n * usd, maintenanceMargin: 35n * usd };
      return [account, { status, margin, consumers } as unknown as AccountReport] as const;
    }),
  );
  const toLiquidate = [...statuses].flatMap(([account, status]) =>
    status >= accountStatus.liquidatable ? account : [],
  );
  return booksToLiquidate(state, epoch, Object.assign(reports, { counts: new Map(), toLiquidate }));
}

const book: Portfolio = {
  cash: -250n * usd,
  positions: new Map([
    [btcPerp, 2n * usd],
    [option, -usd],
  ]),
};

test("default: what a liquidator needs to reckon with", () => {
  expect(world(new Map([[alice, book]]), new Map([[alice, accountStatus.liquidatable]]))).toEqual([
    {
      eid: 2,
      consumer: market,
      account: alice,
      epoch: 7,
      status: "liquidatable",
      base: String(5n * usd),
      maintenanceMargin: String(35n * usd),
      cash: String(-250n * usd),
      positions: [
        {
          instrument: btcPerp,
          size: String(2n * usd),
          mark: String(100n * usd),
          notional: String(200n * usd),
          active: true,
        },
        { instrument: option, size: String(-usd), mark: "3", notional: String(100n * usd), active: false },
      ],
      gross: String(300n * usd),
      grossLimit: String(150n * usd),
      owed: String(50n * usd),
      losses: [52n, 102n].map((loss) => String(loss * usd)),
      allotment: [60n, 80n].map((loss) => String(loss * usd)),
    },
  ]);
});

test("behavior: accounts that may only reduce are left alone, and books in which there is nothing to be done", () => {
  const owing = (cash: bigint): Portfolio => ({ cash, positions: new Map() });
  const listed = (book: Portfolio, status: AccountStatus) =>
    world(new Map([[other, book]]), new Map([[other, status]]));
  expect(listed(book, accountStatus.reduceOnly)).toEqual([]);
  expect(listed(owing(3n), accountStatus.liquidatable)).toEqual([]);
  // Sold out, it owes what its collateral pays, 60 dollars here, and nobody can sell it anything.
  expect(listed(owing(-70n * usd), accountStatus.liquidatable)).toEqual([]);
  expect(listed(owing(-60n * usd), accountStatus.insolvent)).toEqual([]);
  const debt = listed(owing(-60n * usd - 1n), accountStatus.insolvent);
  expect(debt).toMatchObject([{ account: other, owed: String(60n * usd + 1n), gross: "0" }]);
});
