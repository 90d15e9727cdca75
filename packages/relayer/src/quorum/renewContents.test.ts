import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { interval, type TestOperator, type TestQuorum, testQuorum } from "../../test/support/operators.ts";
import { exitCodes } from "../errors.ts";
import { EpochOutdatedError } from "../store/errors.ts";
import { createEpochEngine } from "./engine.ts";
import { refOf } from "./known.ts";
import { renewContents } from "./renewContents.ts";

// A node that was upgraded over a database whose epochs another version wrote, in a layout that this one does not know.

const otherLayout = 3;
const signal = new AbortController().signal;
let quorum: TestQuorum;
let operator: TestOperator;
beforeEach(async () => {
  quorum = testQuorum();
  await attest(1, 2, 3, 4);
  operator = quorum.leaderOf(5);
});
afterEach(() => quorum.close());

async function attest(...epochs: number[]): Promise<void> {
  for (const epoch of epochs) {
    quorum.chains.mine();
    const { store } = quorum.leaderOf(epoch).context;
    if (epoch > 1) for (const eid of [1, 2, 3]) quorum.chains.post(eid, store.attested(epoch - 1)?.header);
    quorum.clock.advance(interval);
    expect(await quorum.leaderOf(epoch).engine.turn()).toMatchObject({ outcome: "attested", epoch });
  }
}

/** What another version would have left, as far as this one can tell: bytes that mean nothing to it. */
function leaveToOtherVersion(...operators: readonly TestOperator[]): void {
  for (const one of operators) {
    one.crash();
    const file = new BetterSqlite3(one.path);
    for (const table of ["relayer_contents", "relayer_snapshots"]) {
      file.prepare(`UPDATE ${table} SET content = x'03c0ffee'`).run();
    }
    file.prepare("UPDATE relayer_epochs SET layout = ?").run(otherLayout);
    file.close();
    one.restart();
  }
}

const contentsOf = ({ context: { store, protocol } }: TestOperator) =>
  store.withContent().map((one) => {
    const content = store.content(refOf(one));
    return [one.header.epoch, content && Buffer.from(protocol.encode(content.epoch)).toString("hex")];
  });

describe("epochs in another version's layout", () => {
  test("behavior: they read as missing, count as kept, and nothing is proposed without them", async () => {
    const epochs = contentsOf(operator).map(([epoch]) => epoch);
    leaveToOtherVersion(operator);
    expect(contentsOf(operator)).toEqual(epochs.map((epoch) => [epoch, null]));
    expect(operator.context.store.outdated().map(({ header }) => header.epoch)).toEqual(epochs);
    quorum.clock.advance(interval);
    expect(await operator.engine.turn()).toMatchObject({ outcome: "not-ready", because: "epoch-content-missing" });
  });

  test("default: those that still count are computed again by whoever is the first, byte for byte; the rest is forgotten", async () => {
    const before = new Map(contentsOf(operator).map(([epoch, content]) => [epoch, content]));
    leaveToOtherVersion(...quorum.operators);
    for (const one of quorum.operators) await renewContents(one.context, signal);
    const after = contentsOf(operator);
    expect(after.map(([epoch]) => epoch)).toEqual([3, 4]);
    for (const [epoch, content] of after) expect(content).toBe(before.get(epoch ?? 0));
    expect(operator.context.store.outdated()).toEqual([]);
    await attest(5, 6);
  });

  test("default: where peers have them in this version's layout they are taken from there", async () => {
    leaveToOtherVersion(operator);
    let computed = 0;
    const { protocol } = operator.context;
    const counting = {
      ...protocol,
      transition: (input: Parameters<typeof protocol.transition>[0]) => {
        computed++;
        return protocol.transition(input);
      },
    };
    await renewContents({ ...operator.context, protocol: counting }, signal);
    expect(contentsOf(operator)).toHaveLength(2);
    expect(computed).toBe(0);
    await attest(5);
  });

  test("behavior: an index that is being read anew is waited for", async () => {
    leaveToOtherVersion(...quorum.operators);
    operator.lag.blocks = 100;
    const renewed = renewContents(operator.context, signal);
    for (let look = 0; look < 3; look++) {
      await new Promise((resolve) => setImmediate(resolve));
      quorum.clock.advance(250);
    }
    expect(operator.context.store.outdated()).not.toEqual([]);
    operator.lag.blocks = 0;
    quorum.clock.advance(250);
    await renewed;
    expect(operator.context.store.outdated()).toEqual([]);
  });

  test("error: EpochOutdatedError, exit code 1, when this version comes to other results; nothing is forgotten", async () => {
    leaveToOtherVersion(...quorum.operators);
    const { protocol } = operator.context;
    const otherRules = {
      ...protocol,
      transition: (input: Parameters<typeof protocol.transition>[0]) =>
        protocol.transition({ ...input, issuedAt: input.issuedAt + 1 }),
    };
    const { run } = createEpochEngine({ ...operator.context, protocol: otherRules });
    const failed = await run(signal).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(EpochOutdatedError);
    expect(failed).toMatchObject({ exitCode: exitCodes.fixSomething });
    expect(operator.context.store.outdated().map(({ header }) => header.epoch)).toEqual([1, 2, 3, 4]);
  });
});
