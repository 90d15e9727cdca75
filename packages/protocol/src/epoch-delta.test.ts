import fc from "fast-check";
import { expect, test } from "vitest";
import { inputOf, worlds } from "../test/random-worlds.ts";
import { alice, bob, btcPerp, deposit, makeInput, marketC, oneUsd, portfolio } from "../test/world.ts";
import { makeTreeCache } from "./chain-tree.ts";
import type { Epoch } from "./epoch.ts";
import { encodeEpoch } from "./epoch-codec.ts";
import { decodeDelta, encodeDelta } from "./epoch-delta.ts";
import { CorruptEpoch, ProtocolError } from "./errors.ts";
import { transition } from "./transition/transition.ts";

const nobody = transition(makeInput(7, {})).epoch;
const held = portfolio(-5_000n * oneUsd, [[btcPerp, oneUsd / 20n]]);
const { epoch: somebody } = transition(
  makeInput(8, { ...deposit(alice, 20_000n, 10n), portfolios: { c: new Map([[alice, held]]) } }),
);
// Bob is insolvent, and Alice stands opposite.
const sold = portfolio(0n, [[btcPerp, -oneUsd / 20n]]);
const bobs = new Map([
  [alice, sold],
  [bob, { ...held, cash: -9_000n * oneUsd }],
]);
const { epoch: insolvent } = transition(
  makeInput(9, { ...deposit(alice, 20_000n, 10n), portfolios: { c: bobs } }, [somebody]),
);

test("default: there and back, from any epoch to any other, with a cache and without", () => {
  const accountsSeen = new Set<number>();
  fc.assert(
    fc.property(worlds, (drawn) => {
      const epochs: Epoch[] = [nobody, somebody, insolvent];
      const made: Epoch[] = [];
      for (const [index, one] of drawn.entries()) made.push(transition(inputOf(index + 1, one, made)).epoch);
      const cache = makeTreeCache();
      for (const epoch of [...epochs, ...made]) {
        accountsSeen.add(epoch.chains.get(3)?.allotments.get(marketC)?.size ?? 0);
        for (const base of [...epochs, ...made]) {
          const bytes = encodeDelta(epoch, base);
          expect(decodeDelta(bytes, base)).toEqual(epoch);
          expect(encodeEpoch(decodeDelta(bytes, base, cache))).toEqual(encodeEpoch(epoch));
        }
      }
    }),
    { numRuns: 25 },
  );
  expect(accountsSeen.size).toBeGreaterThan(2);
});

test("behavior: what did not change takes no room, and is the same object", () => {
  const leaves = (epoch: Epoch) => epoch.chains.get(3)?.allotments.get(marketC);
  const next = transition(
    makeInput(9, { ...deposit(alice, 20_000n, 10n), portfolios: { c: new Map([[alice, held]]) } }, [somebody]),
  ).epoch;
  expect(encodeDelta(somebody, somebody).length).toBeLessThan(encodeEpoch(somebody).length);
  const back = decodeDelta(encodeDelta(next, somebody), somebody);
  expect(leaves(back)?.get(alice)).toBe(leaves(somebody)?.get(alice));
});

test("error: CorruptEpoch when its bytes are changed, cut short or prolonged, or it is put on another epoch", () => {
  const bytes = encodeDelta(insolvent, somebody);
  const header = 1 + 8 + 4 + 32 + 32 + 4 + 8 + 8;
  for (let at = header; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    expect(() => decodeDelta(changed, somebody)).toThrow(ProtocolError);
  }
  for (let length = 0; length < bytes.length; length += 7) {
    expect(() => decodeDelta(bytes.slice(0, length), somebody)).toThrow(CorruptEpoch);
  }
  expect(() => decodeDelta(Uint8Array.of(...bytes, 0), somebody)).toThrow(CorruptEpoch);
  expect(() => decodeDelta(encodeDelta(somebody, insolvent), nobody)).toThrow(CorruptEpoch);
});
