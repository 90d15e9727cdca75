import fc from "fast-check";
import { expect, test } from "vitest";
import { type Drawn, inputOf, world, worlds } from "../../test/random-worlds.ts";
import { makeTreeCache } from "../chain-tree.ts";
import { accountStatus, type Epoch, type TransitionInput } from "../epoch.ts";
import { encodeEpoch } from "../epoch-codec.ts";
import { transition, transitionSteps } from "./transition.ts";

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
      const cache = makeTreeCache();
      runBoth(drawn, (input, plain) => {
        const { epoch } = transition(input, cache);
        expect(epoch).toEqual(plain);
      });
    }),
    { numRuns: 40 },
  );
});

test("behavior: computed in turns with another one, with the same cache, it is what it is alone", () => {
  fc.assert(
    fc.property(worlds, (drawn) => {
      const cache = makeTreeCache();
      runBoth(drawn, (input, plain) => {
        const later = { ...input, issuedAt: input.issuedAt + 1 };
        const computations = [input, later].map((one) => transitionSteps(one, cache));
        let turns = 0;
        const results = new Map<number, Epoch>();
        while (results.size < 2) {
          for (const [index, steps] of computations.entries()) {
            const step = steps.next();
            turns++;
            if (step.done && !results.has(index)) results.set(index, step.value.epoch);
          }
        }
        expect(turns).toBeGreaterThan(4);
        expect([...results.values()]).toEqual([plain, transition(later).epoch]);
      });
    }),
    { numRuns: 40 },
  );
});

test("behavior: what is counted of all accounts is what their reports say", () => {
  fc.assert(
    fc.property(worlds, (drawn) => {
      runBoth(drawn, (input) => {
        const { accounts } = transition(input);
        const statuses = [...accounts].map(([account, { status }]) => [account, status] as const);
        const toLiquidate = statuses.filter(([, status]) => status >= accountStatus.liquidatable);
        expect(accounts.toLiquidate).toEqual(toLiquidate.map(([account]) => account));
        for (const status of Object.values(accountStatus)) {
          expect(accounts.counts.get(status) ?? 0).toBe(statuses.filter(([, one]) => one === status).length);
        }
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
