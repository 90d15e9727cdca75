import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { startChains } from "../src/chains/start.ts";
import { AnvilFailed, DevnetPortBusy } from "../src/errors.ts";
import { eventually } from "./support/eventually.ts";
import { chainsOnFreePorts, isListening } from "./support/ports.ts";

describe("three anvils", () => {
  test("default: are there with their chain ids, and gone after stop", async () => {
    const { chains, stop } = await startChains(await chainsOnFreePorts());
    expect(await Promise.all(chains.map(({ client }) => client.getChainId()))).toEqual([31_337, 31_338, 31_339]);
    await stop();
    for (const { pid } of chains) expect(() => process.kill(pid(), 0)).toThrow();
    await stop();
  });

  test("behavior: finality lags two blocks behind the head", async () => {
    const { chains, stop } = await startChains(await chainsOnFreePorts());
    onTestFinished(stop);
    const [{ client } = shouldExist()] = chains;
    await client.mine({ blocks: 7 });
    const numbers = await Promise.all(
      (["latest", "safe", "finalized"] as const).map(async (blockTag) => (await client.getBlock({ blockTag })).number),
    );
    expect(numbers).toEqual([7n, 6n, 5n]);
  });

  test("behavior: one that is killed and started again has all its blocks, and stops as the others do", async () => {
    const { chains, failed, stop } = await startChains(await chainsOnFreePorts());
    const [chain = shouldExist()] = chains;
    const { client } = chain;
    const [from = "0x"] = await client.getAddresses();
    // A constructor that logs.
    const hash = await client.sendTransaction({ account: from, chain: null, data: "0x60006000a000" });
    await client.mine({ blocks: 4 });
    const [before, pid] = [await client.getBlock(), chain.pid()];
    await chain.restart();
    expect(chain.pid()).not.toBe(pid);
    expect((await client.getBlock()).hash).toBe(before.hash);
    expect((await client.getBlock({ blockTag: "finalized" })).number).toBe(before.number - 2n);
    expect(await client.getLogs({ fromBlock: 0n })).toHaveLength(1);
    expect((await client.getTransactionReceipt({ hash })).status).toBe("success");
    expect(await client.getTransactionCount({ address: from, blockNumber: 1n })).toBe(1);
    expect(await Promise.race([failed, Promise.resolve("none failed")])).toBe("none failed");
    await stop();
    expect(() => process.kill(chain.pid(), 0)).toThrow();
  });

  test("behavior: the death of one is told", async () => {
    const { chains, failed, stop } = await startChains(await chainsOnFreePorts());
    onTestFinished(stop);
    process.kill(chains[1]?.pid() ?? 0, "SIGKILL");
    const failure = await failed;
    expect(failure).toBeInstanceOf(AnvilFailed);
    expect(failure.message).toContain("birch");
  });

  test("error: DevnetPortBusy, and the other anvils do not stay", async () => {
    const plans = await chainsOnFreePorts();
    const busy = plans[1]?.port ?? 0;
    const server = createServer().listen(busy, "127.0.0.1");
    onTestFinished(() => void server.close());
    const refused = await startChains(plans).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DevnetPortBusy);
    expect(refused).toMatchObject({ port: busy });
    expect(await Promise.all(plans.map(({ port }) => isListening(port)))).toEqual([false, true, false]);
  });
});

describe("the command", () => {
  const main = join(import.meta.dirname, "../src/main.ts");

  async function startCommand() {
    const ports = (await chainsOnFreePorts()).map(({ port }) => port);
    const child = spawn(process.execPath, [main, "--quiet", "--ports", ports.join(",")]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const exitCode = new Promise<number | null>((resolve) => child.once("exit", resolve));
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
    });
    await eventually("start", () => printed.includes("Started in"));
    const noneListens = async () => (await Promise.all(ports.map(isListening))).every((listening) => !listening);
    return { child, exitCode, noneListens };
  }

  test("behavior: an interrupt ends it and all its anvils", async () => {
    const { child, exitCode, noneListens } = await startCommand();
    child.kill("SIGINT");
    expect(await exitCode).toBe(0);
    expect(await noneListens()).toBe(true);
  });

  test("behavior: when it is killed its anvils end too", async () => {
    const { child, exitCode, noneListens } = await startCommand();
    child.kill("SIGKILL");
    await exitCode;
    await eventually("the anvils' end", noneListens);
  });

  test("error: one line and exit code 1 for a busy port", async () => {
    const [{ port } = shouldExist()] = await chainsOnFreePorts();
    const server = createServer().listen(port, "127.0.0.1");
    onTestFinished(() => void server.close());
    const child = spawn(process.execPath, [main, "--ports", `${port},${port + 1},${port + 2}`]);
    const exitCode = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const complaint = await text(child.stderr);
    expect(await exitCode).toBe(1);
    expect(complaint.trim().split("\n")).toHaveLength(1);
    expect(complaint).toContain(String(port));
  });
});

function shouldExist(): never {
  throw new TypeError("the devnet has three chains");
}
