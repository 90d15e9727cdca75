import fc from "fast-check";
import type { Address } from "viem";
import { expect, test } from "vitest";
import { salt } from "../../test/support/chains.ts";
import type { Call, CallKind } from "../../test/support/network.ts";
import {
  interval,
  leaderTimeout,
  type TestOperator,
  type TestQuorum,
  testQuorum,
} from "../../test/support/operators.ts";
import type { EpochSummary } from "../store/store.ts";
import { createProtocol } from "./createProtocol.ts";
import { chainsAtCut, isRelevantAt } from "./relevance.ts";

const protocol = createProtocol(salt);

// Whatever gets lost and whoever crashes when: at most one epoch of a number is attested, and every attested epoch
// counts all earlier attested ones that may still matter at its cut. This is what the allotment rule rests on.

type Step =
  | { readonly do: "mine"; readonly eid: number }
  | { readonly do: "turn"; readonly who: number; readonly waitMs: number }
  | { readonly do: "race" }
  | { readonly do: "post"; readonly eid: number }
  | { readonly do: "crash" | "restart" | "isolate"; readonly who: number }
  | {
      readonly do: "lose";
      readonly what: "requests" | "answers";
      readonly kinds: readonly CallKind[];
      readonly share: number;
    };

const who = fc.integer({ min: 0, max: 2 });
const eid = fc.integer({ min: 1, max: 3 });
const lose = fc.record({
  do: fc.constant("lose" as const),
  what: fc.constantFrom("requests" as const, "answers" as const),
  kinds: fc.subarray<CallKind>(["propose", "deliver", "epochs", "status"]),
  share: fc.constantFrom(0.3, 1),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: eid.map((id): Step => ({ do: "mine", eid: id })) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("turn" as const), who, waitMs: fc.constantFrom(0, 3_000, 8_000, 40_000) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "race" }) },
  { weight: 2, arbitrary: eid.map((id): Step => ({ do: "post", eid: id })) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("crash" as const, "restart" as const, "isolate" as const), who }),
  },
  { weight: 2, arbitrary: lose },
);

const alive = (operator: TestOperator) => {
  try {
    return operator.engine;
  } catch {
    return null;
  }
};

async function run(quorum: TestQuorum, steps: readonly Step[], seed: number, deaf: boolean): Promise<void> {
  let state = seed;
  // A plain generator, so that a failing run can be run again.
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
  const posted = new Map<number, number>();
  // Nobody tells this one of epochs; it may still propose.
  let isolated: Address | null = null;
  let isLost = (_: Call) => false;
  quorum.network.loseRequest = (call) =>
    (deaf && call.kind === "epochs") ||
    (call.to === isolated && (call.kind === "propose" || call.kind === "deliver")) ||
    isLost(call);
  for (const one of steps) {
    const operator = quorum.operators["who" in one ? one.who : 0];
    if (operator === undefined) continue;
    if (one.do === "mine") quorum.chains.mine(one.eid);
    if (one.do === "crash") operator.crash();
    if (one.do === "restart") operator.restart();
    if (one.do === "isolate") isolated = operator.address;
    if (one.do === "lose") {
      const lossy = ({ kind }: Call) => one.kinds.includes(kind) && random() < one.share;
      if (one.what === "requests") isLost = lossy;
      else quorum.network.loseAnswer = lossy;
    }
    if (one.do === "post") {
      const [newest] = attestedBy(quorum)
        .map(({ header }) => header)
        .sort((a, b) => b.epoch - a.epoch);
      if (newest !== undefined && newest.epoch > (posted.get(one.eid) ?? 0)) {
        posted.set(one.eid, newest.epoch);
        quorum.chains.post(one.eid, newest);
      }
    }
    if (one.do === "turn") {
      quorum.clock.advance(interval + 2 * leaderTimeout + one.waitMs);
      await alive(operator)?.turn();
    }
    if (one.do === "race") {
      quorum.clock.advance(interval + 2 * leaderTimeout);
      await Promise.all(quorum.operators.map((each) => alive(each)?.turn()));
    }
  }
}

/** What any operator that runs knows to be attested. */
const attestedBy = (quorum: TestQuorum): EpochSummary[] =>
  quorum.operators
    .filter((operator) => alive(operator) !== null)
    .flatMap((operator) => operator.context.store.listAttested(1_000));

function expectSafe(quorum: TestQuorum): number {
  for (const operator of quorum.operators) operator.restart();
  const attested = new Map(attestedBy(quorum).map((summary) => [summary.digest, summary]));
  const numbers = [...attested.values()].map(({ header }) => header.epoch);
  expect(new Set(numbers).size).toBe(numbers.length);
  const view = quorum.chains.viewFor();
  for (const later of attested.values()) {
    // Two leaders may find the very same header at once, each from the epochs it knows. It is as safe as the more
    // careful computation of it.
    const countedBy = quorum.operators
      .flatMap((operator) => operator.engine.epochRecords(later.header.epoch))
      .filter(({ proposal }) => protocol.digest(proposal.header) === later.digest)
      .map(({ proposal }) => new Set(proposal.earlier.map(({ digest }) => digest)));
    const chains = chainsAtCut(later.cut, view.stateAt(later.cut));
    const relevant = [...attested.values()].filter(
      (epoch) => epoch.header.epoch < later.header.epoch && isRelevantAt(epoch, chains),
    );
    const isSafe = countedBy.some((counted) => relevant.every(({ digest }) => counted.has(digest)));
    expect(isSafe, `epoch ${later.header.epoch} counts ${relevant.map(({ header }) => header.epoch)}`).toBe(true);
  }
  for (const operator of quorum.operators) expect(operator.context.store.equivocations()).toEqual([]);
  return numbers.length;
}

test("property: one epoch a number, and none forgotten", async () => {
  let attested = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 15, maxLength: 30 }),
      fc.nat(),
      fc.boolean(),
      async (steps, seed, deaf) => {
        const quorum = testQuorum();
        try {
          await run(quorum, steps, seed, deaf);
          attested += expectSafe(quorum);
        } finally {
          quorum.close();
        }
      },
    ),
    { numRuns: Number(process.env["SAFETY_RUNS"] ?? 16), endOnFailure: true },
  );
  // The property would hold of doing nothing, too.
  expect(attested).toBeGreaterThan(8);
});
