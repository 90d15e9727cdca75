import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Chain, startAnvil } from "@plimsoll/devnet/chains/anvil";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { type Database, openDatabase } from "@plimsoll/indexer/database";
import { type Hex, parseEther, parseGwei } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrateStore } from "../src/store/migrate.ts";
import { type ManualClock, manualClock } from "./support/clock.ts";
import { eventually } from "./support/eventually.ts";
import { chainId, eid, rebroadcastMs, replaceAfterMs, senderOn } from "./support/transactionChain.ts";

// The sender on a real anvil that mines only when it is told to, and does everything that real chains do to transactions.

let anvil: Chain;
let folder: string;
let database: Database;
let key: Hex;
let account: PrivateKeyAccount;
let path: string;
/** The sender's: what the test itself takes ages no transaction. */
let clock: ManualClock;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "relayer-transactions-"));
  const [port = 0] = await freePorts(1);
  anvil = await startAnvil({ name: "anvil", eid, chainId, port, hub: true, vault: true, market: true });
  await anvil.client.setAutomine(false);
});
afterAll(async () => {
  await anvil.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  clock = manualClock(Date.now());
  key = generatePrivateKey();
  account = privateKeyToAccount(key);
  path = join(folder, `${account.address}.sqlite`);
  await anvil.client.setBalance({ address: account.address, value: parseEther("10") });
  await anvil.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("1") });
  await mine();
  open();
});
afterEach(() => database.close());

function open(): void {
  database = openDatabase(path);
  migrateStore(database);
}

const mine = () => anvil.client.mine({ blocks: 1 });
const start = () => senderOn(database, anvil.rpcUrl, account, { clock });
const minedCount = () => anvil.client.getTransactionCount({ address: account.address });

describe("a sender on anvil", () => {
  test("default: sends several in order; each is mined once and becomes final", async () => {
    const { sender, intent, store } = start();
    await Promise.all(["a", "b", "c"].map((name) => sender.submit(intent(name))));
    await mine();
    await sender.tend();
    for (const name of ["a", "b", "c"])
      expect(sender.outcome(name)).toMatchObject({ outcome: "mined", succeeded: true });
    expect(await minedCount()).toBe(3);
    for (let block = 0; block < 4; block++) await mine();
    await sender.tend();
    expect(store.unsettled()).toEqual([]);
    const spent = parseEther("10") - (await anvil.client.getBalance({ address: account.address }));
    expect(store.spentWei(0)).toBe(spent);
  });

  test("behavior: stuck below a base fee that rose: replaced, and mined at the new price", async () => {
    const { sender, intent, store, events } = start();
    await sender.submit(intent("a"));
    await anvil.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("20") });
    await mine();
    await mine();
    expect(await minedCount()).toBe(0);
    clock.advance(replaceAfterMs);
    await sender.tend();
    const [newest, older] = store.unsettled()[0]?.attempts ?? [];
    expect(newest?.maxFeePerGas ?? 0n).toBeGreaterThan(parseGwei("30"));
    expect(older?.maxFeePerGas ?? 0n).toBeLessThan(parseGwei("4"));
    await mine();
    await sender.tend();
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined", hash: newest?.hash });
    expect(events.filter(({ type }) => type === "sent")).toHaveLength(2);
  });

  test("behavior: a replacement in anvil's pool takes the first one's place, which is never mined", async () => {
    const { sender, intent, store } = start();
    await sender.submit(intent("post:1", { purpose: "post", supersedes: true }));
    await sender.submit(intent("post:2", { purpose: "post", supersedes: true }));
    expect(store.unsettled()).toMatchObject([{ nonce: 0, attempts: [{ key: "post:2" }, { key: "post:1" }] }]);
    await mine();
    await sender.tend();
    expect(sender.outcome("post:2")).toMatchObject({ outcome: "mined" });
    expect(sender.outcome("post:1")).toMatchObject({ outcome: "displaced" });
    expect(await minedCount()).toBe(1);
  });

  test("behavior: what nobody needs any more is cancelled by a transfer to oneself", async () => {
    const { sender, intent } = start();
    await sender.submit(intent("post:1", { purpose: "post", data: `0x${"11".repeat(600)}`, gasLimit: 200_000n }));
    sender.abandon(() => true);
    await sender.tend();
    await mine();
    await sender.tend();
    expect(sender.outcome("post:1")).toMatchObject({ outcome: "displaced" });
    const block = await anvil.client.getBlock({ includeTransactions: true });
    expect(block.transactions).toMatchObject([{ to: account.address.toLowerCase(), value: 0n, gas: 21_000n }]);
  });

  test("behavior: dropped from the pool, it is sent again", async () => {
    const { sender, intent, store } = start();
    await sender.submit(intent("a"));
    const hash = store.unsettled()[0]?.attempts[0].hash ?? "0x";
    await anvil.client.dropTransaction({ hash });
    await mine();
    expect(await minedCount()).toBe(0);
    clock.advance(rebroadcastMs);
    await sender.tend();
    await mine();
    await sender.tend();
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined", hash });
  });

  test("behavior: taken back by a reorg, it is mined again", async () => {
    const { sender, intent, events } = start();
    await sender.submit(intent("a"));
    await mine();
    await sender.tend();
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined" });
    await anvil.client.request({ method: "anvil_reorg", params: [1, []] } as never);
    await anvil.client.request({ method: "anvil_dropAllTransactions" } as never);
    expect(await minedCount()).toBe(0);
    clock.advance(rebroadcastMs);
    await sender.tend();
    expect(events.map(({ type }) => type)).toContain("reopened");
    await mine();
    await sender.tend();
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined" });
    expect(await minedCount()).toBe(1);
  });

  test("behavior: a gap below its nonce is filled, so that nothing waits for ever", async () => {
    // This key sent something before the database was lost; the pool then forgets it.
    const { chain, sender, intent } = start();
    const fees = { maxFeePerGas: parseGwei("3"), maxPriorityFeePerGas: parseGwei("1") };
    const lost = { nonce: 0, to: account.address, data: "0x", valueWei: 0n, gasLimit: 21_000n, ...fees } as const;
    const { hash, raw } = await chain.sign(lost);
    expect(await chain.broadcast(raw)).toBe("accepted");
    expect(await chain.broadcast(raw)).toBe("accepted");
    expect(await sender.submit(intent("a"))).toMatchObject({ outcome: "pending", nonce: 1 });
    await anvil.client.dropTransaction({ hash });
    await sender.tend();
    await mine();
    expect(await minedCount()).toBe(0);
    clock.advance(replaceAfterMs);
    await sender.tend();
    await mine();
    await sender.tend();
    expect(await minedCount()).toBe(2);
    expect(sender.outcome("a")).toMatchObject({ outcome: "mined", nonce: 1 });
  });

  test("behavior: anvil's refusals mean what they say", async () => {
    const { chain } = start();
    const fees = { maxFeePerGas: parseGwei("3"), maxPriorityFeePerGas: parseGwei("1") };
    const plain = { nonce: 0, to: account.address, data: "0x", valueWei: 0n, gasLimit: 21_000n, ...fees } as const;
    const broadcast = async (over: object) => await chain.broadcast((await chain.sign({ ...plain, ...over })).raw);
    expect(await broadcast({})).toBe("accepted");
    expect(await broadcast({ valueWei: 1n })).toBe("underpriced");
    expect(await broadcast({ nonce: 1, valueWei: parseEther("1000") })).toBe("funds");
    expect(await broadcast({ nonce: 1, gasLimit: 20_000n })).toBe("rejected");
    await mine();
    expect(await broadcast({ valueWei: 2n })).toBe("nonce-too-low");
  });

  test.each(["between record and sending", "between sending and receipt"])(
    "behavior: kill -9 %s: after the restart it is sent once",
    async (place) => {
      database.close();
      const program = fileURLToPath(import.meta.resolve("./support/dyingSender.ts"));
      const child = spawn(process.execPath, [program, path, anvil.rpcUrl, key, place], { stdio: "inherit" });
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
      open();
      const { sender, intent, store } = start();
      expect(store.unsettled()).toHaveLength(1);
      await sender.submit(intent("a"));
      await eventually("it to be mined", async () => {
        clock.advance(rebroadcastMs);
        await sender.tend();
        await mine();
        return sender.outcome("a").outcome === "mined";
      });
      await sender.submit(intent("a"));
      expect(await minedCount()).toBe(1);
      expect(await anvil.client.getTransactionCount({ address: account.address, blockTag: "pending" })).toBe(1);
    },
  );
});
