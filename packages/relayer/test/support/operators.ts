import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "@plimsoll/indexer/database";
import { finish } from "@plimsoll/protocol/steps";
import pino from "pino";
import { type Address, type Hex, keccak256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { ChainView, OperatorSet } from "../../src/quorum/chainView.ts";
import { type Context, timingFor } from "../../src/quorum/context.ts";
import { createProtocol } from "../../src/quorum/createProtocol.ts";
import { createEpochEngine, type EpochEngine } from "../../src/quorum/engine.ts";
import { createPatience } from "../../src/quorum/patience.ts";
import { createSerialize } from "../../src/serialize.ts";
import { migrateStore } from "../../src/store/migrate.ts";
import { createSqliteStore } from "../../src/store/sqliteStore.ts";
import { salt, type TestChains, testChains } from "./chains.ts";
import { type ManualClock, manualClock } from "./clock.ts";
import { type MemoryNetwork, memoryNetwork } from "./network.ts";

/** One operator: real transition, real SQLite file, everything else in memory. */
export interface TestOperator {
  readonly address: Address;
  readonly key: Hex;
  /** Its SQLite file. */
  readonly path: string;
  readonly context: Context;
  readonly engine: EpochEngine;
  /** Blocks that its index lacks. */
  readonly lag: { blocks: number };
  /** As after kill -9: what is on disk is all that is left. */
  crash(): void;
  restart(): void;
}

export interface TestQuorum {
  readonly clock: ManualClock;
  readonly chains: TestChains;
  readonly network: MemoryNetwork;
  readonly set: OperatorSet;
  /** Ascending by address: member i leads epochs e with e mod n = i. */
  readonly operators: readonly TestOperator[];
  /** Who leads an epoch first. */
  leaderOf(epoch: number): TestOperator;
  close(): void;
}

export const interval = 3_000;
export const leaderTimeout = 1_500;

export function testQuorum(members = 3, threshold = 2): TestQuorum {
  const keys = Array.from({ length: members }, (_, index) => keccak256(toHex(`operator ${index}`)))
    .map((key) => ({ key, address: privateKeyToAccount(key).address.toLowerCase() as Address }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const set: OperatorSet = { id: 1, threshold, members: keys.map(({ address }) => address) };
  const clock = manualClock(1_760_000_000_000);
  const chains = testChains(clock, set);
  const network = memoryNetwork();
  const folder = mkdtempSync(join(tmpdir(), "relayer-"));
  const operators = keys.map(({ key, address }) =>
    startOperator({ key, address, path: join(folder, `${address}.sqlite`), clock, chains, network, set }),
  );
  return {
    clock,
    chains,
    network,
    set,
    operators,
    leaderOf: (epoch) => operators[epoch % members] as TestOperator,
    close() {
      for (const operator of operators) operator.crash();
      rmSync(folder, { recursive: true });
    },
  };
}

interface Parts {
  readonly key: Hex;
  readonly address: Address;
  readonly path: string;
  readonly clock: ManualClock;
  readonly chains: TestChains;
  readonly network: MemoryNetwork;
  readonly set: OperatorSet;
}

function startOperator(parts: Parts): TestOperator {
  const { key, address, path, clock, chains, network, set } = parts;
  const account = privateKeyToAccount(key);
  const lag = { blocks: 0 };
  const view: ChainView = chains.viewFor(lag);
  // In one piece: the time of these tests is not the machine's.
  const protocol = createProtocol(salt, finish);
  const start = (): { database: Database; context: Context; engine: EpochEngine } => {
    if (!existsSync(path)) copyFileSync(migratedFile(), path);
    const database = openDatabase(path);
    migrateStore(database);
    // The tests kill no power supply.
    database.sqlite.pragma("synchronous = OFF");
    const context: Context = {
      protocol,
      view,
      store: createSqliteStore(database.drizzle, protocol),
      peers: network.peersOf(
        address,
        set.members.filter((member) => member !== address),
      ),
      signer: { address, sign: (hash) => account.sign({ hash }) },
      clock,
      timing: timingFor(interval, leaderTimeout),
      log: pino({ level: "silent" }),
      patience: createPatience(),
      signing: createSerialize(),
      onAttested: () => {},
    };
    const engine = createEpochEngine(context);
    network.join(address, engine);
    return { database, context, engine };
  };
  let running: ReturnType<typeof start> | null = start();
  const alive = () => {
    if (running === null) throw new CrashedError();
    return running;
  };
  return {
    address,
    key,
    path,
    lag,
    get context() {
      return alive().context;
    },
    get engine() {
      return alive().engine;
    },
    crash() {
      network.leave(address);
      running?.database.close();
      running = null;
    },
    restart() {
      running ??= start();
    },
  };
}

let template: string | undefined;

/** A database with all tables, made once: migrating one for every operator of every test takes longer than the test. */
function migratedFile(): string {
  if (template !== undefined) return template;
  template = join(mkdtempSync(join(tmpdir(), "relayer-template-")), "empty.sqlite");
  const database = openDatabase(template);
  migrateStore(database);
  database.close();
  return template;
}

class CrashedError extends Error {}
