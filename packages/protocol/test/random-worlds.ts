import fc from "fast-check";
import { makeAccountId } from "../src/account.ts";
import type { Epoch, TransitionInput } from "../src/epoch.ts";
import type { AccountAssetKey, AccountId } from "../src/ids.ts";
import type { Portfolio } from "../src/state.ts";
import { alice, btcPerp, calmPrices, day, eth, ethPerp, makeInput, oneUsd, portfolio, usdc, weth } from "./world.ts";

const accounts = [alice, ...[1, 2, 3].map((n) => makeAccountId(`0x${`3${n}`.repeat(20)}`, BigInt(n)))];
const perAccount = <Item>(item: fc.Arbitrary<Item>) => fc.tuple(item, item, item, item);

const held = fc
  .record({
    cash: fc.bigInt({ min: -3_000n, max: 3_000n }),
    btc: fc.bigInt({ min: -10n, max: 10n }),
    eth: fc.bigInt({ min: -100n, max: 100n }),
  })
  .map(
    ({ cash, btc, eth: ether }): Portfolio =>
      portfolio(cash * oneUsd, [
        [btcPerp, (btc * oneUsd) / 100n],
        [ethPerp, (ether * oneUsd) / 100n],
      ]),
  );

/** Four accounts with collateral of two kinds at one vault, and portfolios in two markets. */
export const world = fc.record({
  dollars: perAccount(fc.bigInt({ min: 0n, max: 9_000n })),
  ether: perAccount(fc.bigInt({ min: 0n, max: 3n })),
  requested: perAccount(fc.bigInt({ min: 0n, max: 9_000n })),
  b: perAccount(held),
  c: perAccount(held),
  posted: fc.boolean(),
  ethPrice: fc.bigInt({ min: 4_000n, max: 4_600n }),
});
export type Drawn = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

export function inputOf(epoch: number, drawn: Drawn, earlier: readonly Epoch[]): TransitionInput {
  const vaultTotals = new Map(
    accounts.flatMap((account, i) => {
      const totals = (unit: bigint, amount = 0n, requested = 0n) =>
        ({ deposited: amount * unit, withdrawn: 0n, requestedTotal: requested * unit }) as const;
      return [
        [`${account}:${usdc}` as AccountAssetKey, totals(1_000_000n, drawn.dollars[i], drawn.requested[i])] as const,
        [`${account}:${weth}` as AccountAssetKey, totals(10n ** 18n, drawn.ether[i])] as const,
      ];
    }),
  );
  const byAccount = (list: readonly Portfolio[]) =>
    new Map<AccountId, Portfolio>(accounts.map((account, i) => [account, list[i] ?? portfolio(0n, [])]));
  const newest = drawn.posted ? earlier.at(-1)?.header.epoch : earlier[0]?.header.epoch;
  return makeInput(
    epoch,
    {
      vaultTotals,
      ledger: vaultTotals,
      portfolios: { b: byAccount(drawn.b), c: byAccount(drawn.c) },
      prices: new Map(calmPrices).set(eth, { priceE8: drawn.ethPrice * oneUsd, updatedAtSeconds: day }),
      ...(newest === undefined ? {} : { posted: { a: newest, b: newest, c: newest } }),
    },
    earlier,
  );
}

/** One after the other. */
export const worlds = fc.array(world, { minLength: 1, maxLength: 4 });
