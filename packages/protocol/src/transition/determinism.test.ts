import fc from "fast-check";
import { expect, test } from "vitest";
import {
  alice,
  btcPerp,
  calmPrices,
  day,
  eth,
  ethPerp,
  makeInput,
  oneUsd,
  portfolio,
  usdc,
  weth,
} from "../../test/world.ts";
import { makeAccountId } from "../account.ts";
import type { Epoch, TransitionInput } from "../epoch.ts";
import { encodeEpoch } from "../epoch-codec.ts";
import type { AccountAssetKey, AccountId } from "../ids.ts";
import type { Portfolio } from "../state.ts";
import { makeTransitionCache } from "./compute-epoch.ts";
import { transition } from "./transition.ts";

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

const world = fc.record({
  dollars: perAccount(fc.bigInt({ min: 0n, max: 9_000n })),
  ether: perAccount(fc.bigInt({ min: 0n, max: 3n })),
  requested: perAccount(fc.bigInt({ min: 0n, max: 9_000n })),
  b: perAccount(held),
  c: perAccount(held),
  posted: fc.boolean(),
  ethPrice: fc.bigInt({ min: 4_000n, max: 4_600n }),
});
type Drawn = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function inputOf(epoch: number, drawn: Drawn, earlier: readonly Epoch[]): TransitionInput {
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

/** The same value with every map and set filled in the opposite order. */
function reversed<Value>(value: Value): Value {
  if (value instanceof BigInt64Array) return value;
  if (value instanceof Map) return new Map([...value].reverse().map(([k, v]) => [k, reversed(v)])) as Value;
  if (Array.isArray(value)) return value.map(reversed) as Value;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, reversed(v)])) as Value;
  }
  return value;
}

function runBoth(worlds: readonly Drawn[], compute: (input: TransitionInput, plain: Epoch) => void): void {
  let earlier: Epoch[] = [];
  for (const [index, drawn] of worlds.entries()) {
    const input = inputOf(index + 1, drawn, earlier);
    // The transition asserts on its own that no scenario allots more than the collateral is worth.
    const { epoch } = transition(input);
    compute(input, epoch);
    earlier = [...earlier, epoch];
  }
}

const worlds = fc.array(world, { minLength: 1, maxLength: 4 });

test("default: the order of maps, and of earlier epochs, changes no byte", () => {
  fc.assert(
    fc.property(worlds, (drawn) => {
      runBoth(drawn, (input, plain) => {
        const other = { ...reversed(input), earlier: [...input.earlier].reverse().map(reversed) };
        expect(encodeEpoch(transition(other).epoch)).toEqual(encodeEpoch(plain));
      });
    }),
    { numRuns: 40 },
  );
});

test("behavior: a cache changes no byte", () => {
  fc.assert(
    fc.property(worlds, (drawn) => {
      const cache = makeTransitionCache();
      runBoth(drawn, (input, plain) => {
        const { epoch } = transition(input, cache);
        expect(epoch).toEqual(plain);
      });
    }),
    { numRuns: 40 },
  );
});

test("behavior: one more earlier epoch never allots more", () => {
  fc.assert(
    fc.property(fc.tuple(world, world), ([one, two]) => {
      const first = transition(inputOf(1, { ...one, posted: true }, [])).epoch;
      const second = transition(inputOf(2, two, [first])).epoch;
      const input = inputOf(3, { ...one, posted: false }, [first]);
      const report = (earlier: readonly Epoch[]) => transition({ ...input, earlier }).accounts;
      const [few, more] = [report([first]), report([first, second])];
      for (const [account, { consumers }] of more) {
        for (const [k, { reserved }] of consumers.entries()) {
          const before = few.get(account)?.consumers[k]?.reserved;
          for (const [s, value] of reserved.entries()) expect(value >= (before?.[s] ?? value)).toBe(true);
        }
      }
    }),
    { numRuns: 40 },
  );
});
