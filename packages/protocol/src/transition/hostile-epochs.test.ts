import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeAllotments } from "../../test/over-allotment.ts";
import {
  alice,
  bob,
  btcPerp,
  deposit,
  ethPerp,
  makeInput,
  marketB,
  oneUsd,
  portfolio,
  usdc,
} from "../../test/world.ts";
import type { AccountStatus, Allotment, ChainLeaves, Epoch, InstrumentPrices, Withdrawable } from "../epoch.ts";
import { accountStatus } from "../epoch.ts";
import { transition } from "./transition.ts";

// What a quorum has signed and a chain has taken later operators build on, be it against every rule. It must neither make
// them sign what costs an honest operator its bond, nor stop them.

const funded = { ...deposit(alice, 10_000n), portfolios: { b: new Map([[alice, long()]]) } };
const everywhere = (epoch: number) => ({ a: epoch, b: epoch, c: epoch });
const tenThousand = 10_000_000_000n;
const leafOf = (epoch: Epoch, account = alice) => epoch.chains.get(1)?.withdrawals.get(`${account}:${usdc}`);

function long() {
  return portfolio(-12_000n * oneUsd, [[btcPerp, oneUsd / 10n]]);
}

/** The chain's leaves with some put in their place. */
function withLeaves(epoch: Epoch, eid: number, leaves: Partial<ChainLeaves>): Epoch {
  const chain = epoch.chains.get(eid);
  if (chain === undefined) throw new TypeError(`no chain ${eid}`);
  return { ...epoch, chains: new Map(epoch.chains).set(eid, { ...chain, ...leaves }) };
}

function withApprovals(epoch: Epoch, ...approvals: [typeof alice, bigint][]): Epoch {
  const withdrawals = new Map(
    approvals.map(([account, total]) => [`${account}:${usdc}` as const, { approvedTotal: total, exitTotal: total }]),
  );
  return withLeaves(epoch, 1, { withdrawals });
}

test("behavior: an approval beyond what was deposited is repeated no further than that, and not at all for strangers", () => {
  const { epoch } = transition(makeInput(1, funded));
  const hostile = withApprovals(epoch, [alice, 2n * tenThousand], [bob, 5n]);
  const next = transition(makeInput(2, { ...funded, posted: everywhere(1) }, [hostile])).epoch;
  expect(leafOf(next)).toEqual({ approvedTotal: tenThousand, exitTotal: tenThousand });
  expect(leafOf(next, bob)).toBeUndefined();
});

test("behavior: nor where only what was posted is repeated", () => {
  const vast = portfolio(0n, [[btcPerp, 10n ** 27n]]);
  const tooLarge = { ...funded, portfolios: { b: new Map([[alice, vast]]) } };
  const { epoch } = transition(makeInput(1, tooLarge));
  const hostile = withApprovals(epoch, [alice, 2n * tenThousand]);
  const next = transition(makeInput(2, { ...tooLarge, posted: everywhere(1) }, [hostile]));
  expect(next.accounts.get(alice)?.problem).toBe("too-large");
  expect(leafOf(next.epoch)).toEqual({ approvedTotal: tenThousand, exitTotal: tenThousand });
});

const edges = (bits: bigint, signed: boolean) => {
  const [least, most] = signed ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n];
  return fc.oneof(fc.bigInt({ min: least, max: most }), fc.constantFrom(0n, 1n, least, most));
};
const int64s = fc.array(edges(64n, true), { maxLength: 9 }).map((values) => BigInt64Array.from(values));
const instrument: fc.Arbitrary<InstrumentPrices> = fc.record({
  status: fc.constantFrom(0, 1, 2),
  mark: edges(64n, false),
  notional: edges(64n, false),
  charge: edges(64n, false),
  settlement: edges(64n, false),
  funding: edges(64n, true),
  stressBps: fc.nat({ max: 2 ** 32 - 1 }),
  prices: int64s,
});
const allotment: fc.Arbitrary<Allotment> = fc.record({
  status: fc.constantFrom<AccountStatus>(0, 1, 2, 3),
  grossLimit: edges(128n, false),
  losses: int64s,
});
const withdrawable: fc.Arbitrary<Withdrawable> = fc.record({
  approvedTotal: edges(128n, false),
  exitTotal: edges(128n, false),
});

const hostility = fc.record({
  isPosted: fc.boolean(),
  instruments: fc.tuple(fc.option(instrument), fc.option(instrument)),
  allotments: fc.tuple(fc.option(allotment), fc.option(allotment)),
  withdrawals: fc.tuple(fc.option(withdrawable), fc.option(withdrawable)),
});

test("behavior: whatever an epoch says, the next can be computed, and the one after it is an ordinary one again", () => {
  const { epoch } = transition(makeInput(1, funded));
  const maps = <Key, Value>(keys: readonly Key[], values: readonly (Value | null)[]) =>
    new Map(keys.flatMap((key, index) => (values[index] == null ? [] : [[key, values[index]] as const])));
  fc.assert(
    fc.property(hostility, ({ isPosted, instruments, allotments, withdrawals }) => {
      const keys = [`${alice}:${usdc}`, `${bob}:${usdc}`] as const;
      const signed = {
        ...epoch,
        header: { ...epoch.header, epoch: 2 },
        instruments: maps([btcPerp, ethPerp], instruments),
      };
      const hostile = withLeaves(
        withLeaves(signed, 1, { withdrawals: maps(keys, withdrawals) }),
        ...([2, { allotments: new Map([[marketB, maps([alice, bob], allotments)]]) }] as const),
      );

      const third = makeInput(3, { ...funded, posted: everywhere(isPosted ? 2 : 1) }, [epoch, hostile]);
      const next = transition(third).epoch;
      const fourth = makeInput(4, { ...funded, posted: everywhere(3) }, [next]);
      const after = transition(fourth);
      for (const [one, { state }] of [[next, third] as const, [after.epoch, fourth] as const]) {
        expect(leafOf(one)?.approvedTotal ?? 0n).toBeLessThanOrEqual(tenThousand);
        expect(leafOf(one, bob)).toBeUndefined();
        for (const { allotted, worth, refusal } of judgeAllotments(one, state)) {
          if (refusal === null) expect(allotted).toBeLessThanOrEqual(worth);
        }
      }
      expect(after.accounts.get(alice)?.problem).toBeNull();
      if (leafOf(next) === undefined) expect(after.accounts.get(alice)?.status).toBe(accountStatus.active);
    }),
    { numRuns: 200 },
  );
});
