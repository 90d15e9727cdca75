import fc from "fast-check";
import { expect, test } from "vitest";
import { alice, bob, btcPerp, deposit, makeInput, marketC, oneUsd, portfolio } from "../test/world.ts";
import { decodeEpoch, encodeEpoch } from "./epoch-codec.ts";
import { CorruptEpoch, ProtocolError } from "./errors.ts";
import { transition } from "./transition/transition.ts";

const held = portfolio(-5_000n * oneUsd, [[btcPerp, oneUsd / 20n]]);
const sold = portfolio(0n, [[btcPerp, -oneUsd / 20n]]);
// Bob is insolvent, and Alice stands opposite.
const { epoch } = transition(
  makeInput(9, {
    ...deposit(alice, 20_000n, 10n),
    portfolios: {
      b: new Map([[alice, held]]),
      c: new Map([
        [alice, sold],
        [bob, { ...held, cash: -9_000n * oneUsd }],
      ]),
    },
  }),
);
const encoded = encodeEpoch(epoch);

test("default: there and back", () => {
  expect(epoch.chains.get(3)?.deleverageQueues.get(marketC)).toEqual(new Map([[bob, [alice]]]));
  expect(decodeEpoch(encoded)).toEqual(epoch);
  expect(encodeEpoch(decodeEpoch(encoded))).toEqual(encoded);
});

test("behavior: no changed byte goes unnoticed", () => {
  // Of the header only root and cut hash are covered by the rest; the signature covers all of it.
  const header = 1 + 8 + 4 + 32 + 32 + 4 + 8 + 8;
  fc.assert(
    fc.property(fc.integer({ min: header, max: encoded.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = encoded.slice();
      changed[at] = (changed[at] ?? 0) ^ flip;
      expect(() => decodeEpoch(changed)).toThrow(ProtocolError);
    }),
    { numRuns: 500 },
  );
});

test("error: CorruptEpoch when cut short, prolonged, or of another layout", () => {
  for (let length = 0; length < encoded.length; length += 7) {
    expect(() => decodeEpoch(encoded.slice(0, length))).toThrow(CorruptEpoch);
  }
  expect(() => decodeEpoch(Uint8Array.of(...encoded, 0))).toThrow(CorruptEpoch);
  expect(() => decodeEpoch(Uint8Array.of(1, ...encoded.slice(1)))).toThrow(CorruptEpoch);
});
