import { openDatabase } from "@plimsoll/indexer/database";
import { makeAccountId } from "@plimsoll/protocol/account";
import { buildChainTree, buildRootTree } from "@plimsoll/protocol/chain-tree";
import { hashCut } from "@plimsoll/protocol/cut";
import type { Allotment, Epoch } from "@plimsoll/protocol/epoch";
import { encodeEpoch } from "@plimsoll/protocol/epoch-codec";
import fc from "fast-check";
import { toHex, zeroAddress, zeroHash } from "viem";
import { afterEach, beforeEach, expect, test } from "vitest";
import { market } from "../../test/support/chains.ts";
import { createProtocol } from "../quorum/createProtocol.ts";
import { refOf } from "../quorum/known.ts";
import { migrateStore } from "./migrate.ts";
import { createSqliteStore } from "./sqliteStore.ts";
import type { Store } from "./store.ts";

let database: ReturnType<typeof openDatabase>;
beforeEach(() => {
  database = openDatabase(":memory:");
  migrateStore(database);
});
afterEach(() => database.close());

const protocol = createProtocol(zeroHash);
const accounts = Array.from({ length: 60 }, (_, index) => makeAccountId(toHex(index + 1, { size: 20 })));
const open = () => createSqliteStore(database.drizzle, protocol);
const snapshots = () => database.sqlite.prepare("SELECT digest FROM relayer_snapshots").pluck().all();

/** An epoch with a leaf for each of these accounts: what it may lose. */
function epochOf(number: number, losses: readonly (bigint | null)[]): Epoch {
  const allotments = new Map<(typeof accounts)[number], Allotment>();
  for (const [index, account] of accounts.entries()) {
    const loss = losses[index] ?? null;
    if (loss !== null) allotments.set(account, { status: 0, grossLimit: 1n, losses: BigInt64Array.of(loss, -loss) });
  }
  const byConsumer = new Map([[market, allotments]]);
  const leaves = { eid: 1, vault: null, withdrawals: new Map(), allotments: byConsumer, deleverageQueues: new Map() };
  const chainRoots = new Map([[1, buildChainTree(leaves, new Map()).root]]);
  const { root } = buildRootTree(chainRoots);
  const times = { issuedAt: number, expiresAt: number + 100 };
  const header = { epoch: number, operatorSetId: 1, root, cutHash: hashCut([]), riskVersion: 1, ...times };
  return { header, cut: [], instruments: new Map(), chains: new Map([[1, leaves]]), chainRoots };
}

function save(store: Store, epoch: Epoch): void {
  const { header } = epoch;
  const proposal = { header, cut: [], earlier: [], signature: zeroHash };
  store.saveVerified({ digest: protocol.digest(header), proposal, proposer: zeroAddress, epoch });
}

const kept = (store: Store) =>
  store.withContent().map((one) => encodeEpoch(store.content(refOf(one))?.epoch ?? expect.unreachable()));

test("default: whatever changes from one epoch to the next, after a restart all are the same to the byte", () => {
  const loss = fc.option(fc.bigInt({ min: 1n, max: 9n }), { freq: 4 });
  const few = fc.array(fc.tuple(fc.nat(accounts.length - 1), loss), { maxLength: 5 });
  const many = fc.array(fc.tuple(fc.nat(accounts.length - 1), loss), { minLength: 60, maxLength: 90 });
  const seen = { snapshots: 0, epochs: 0 };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(few, few, few, many), fc.boolean()), { maxLength: 8 }), (steps) => {
      database.sqlite.exec("DELETE FROM relayer_epochs; DELETE FROM relayer_contents; DELETE FROM relayer_snapshots");
      let store = open();
      const losses: (bigint | null)[] = accounts.map(() => 5n);
      const epochs = steps.map(([changes, restart], index) => {
        for (const [at, to] of changes) losses[at] = to;
        const epoch = epochOf(index + 1, losses);
        save(store, epoch);
        if (restart) {
          store = open();
          if (index % 2 === 0) kept(store);
        }
        return epoch;
      });
      expect(kept(open())).toEqual(epochs.map(encodeEpoch));
      seen.snapshots += snapshots().length;
      seen.epochs += epochs.length;
    }),
    { numRuns: 12 },
  );
  expect(seen.snapshots).toBeLessThan(0.8 * seen.epochs);
});

test("behavior: a snapshot stays while the content of any epoch is the difference to it", () => {
  const store = open();
  for (let number = 1; number <= 3; number++) save(store, epochOf(number, [BigInt(number), ...accounts.map(() => 5n)]));
  expect(snapshots()).toHaveLength(1);
  const [first, second, third] = store.withContent().map(refOf);
  if (first === undefined || second === undefined || third === undefined) expect.unreachable();
  store.prune([first, third]);
  expect(open().content(second)?.epoch.header.epoch).toBe(2);
  expect(snapshots()).toHaveLength(1);
  store.prune([second]);
  expect(snapshots()).toEqual([]);
  save(store, epochOf(4, []));
  expect(kept(open())).toHaveLength(1);
});

test("behavior: nothing is built on a snapshot that was rolled back", () => {
  const store = open();
  const epoch = epochOf(
    1,
    accounts.map(() => 5n),
  );
  const undone = new TypeError("undone");
  const undo = () =>
    database.drizzle.transaction(() => {
      save(store, epoch);
      throw undone;
    });
  expect(undo).toThrow(undone);
  save(store, epochOf(2, [6n, ...accounts.map(() => 5n)]));
  expect(kept(open())).toHaveLength(1);
});
