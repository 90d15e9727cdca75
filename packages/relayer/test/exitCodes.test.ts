import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatePrivateKey } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConfigInput, renderConfig } from "../src/config.ts";

// What a supervisor sees: the program as a process, and what it ends with.

const address = (byte: string) => `0x${byte.repeat(20)}` as const;
const key = generatePrivateKey();

let folder: string;
let provider: Server;
let rpcUrl: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "relayer-exit-codes-"));
  let head = 100;
  // A provider that knows of new blocks and hands out none of them.
  provider = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const calls = [JSON.parse(body)].flat() as { id: number; method: string }[];
    const answers = calls.map(({ id, method }) => {
      if (method === "eth_chainId") return { jsonrpc: "2.0", id, result: "0x1" };
      if (method === "eth_blockNumber") return { jsonrpc: "2.0", id, result: `0x${(head++).toString(16)}` };
      return { jsonrpc: "2.0", id, error: { code: -32000, message: "over its limit" } };
    });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body.startsWith("[") ? answers : answers[0]));
  }).listen(0, "127.0.0.1");
  await once(provider, "listening");
  const listening = provider.address();
  rpcUrl = `http://127.0.0.1:${typeof listening === "object" && listening ? listening.port : 0}`;
});
afterAll(() => {
  provider.close();
  rmSync(folder, { recursive: true });
});

function writeConfig(name: string, over: Partial<ConfigInput> = {}): string {
  const registries = { ledger: address("04"), riskRegistry: address("05"), operatorRegistry: address("06") };
  const contracts = { endpoint: address("01"), attestations: address("02"), ...registries };
  const path = join(folder, `${name}.toml`);
  const text = renderConfig({
    domainSalt: `0x${"5a".repeat(32)}`,
    node: { port: 0, database: `${name}.sqlite`, stallSeconds: 2, epochIntervalMs: 200, leaderTimeoutMs: 200 },
    chains: [{ name: "hub", eid: 1, chainId: 1, rpcUrls: [rpcUrl], pollMs: 50, hub: true, contracts }],
    ...over,
  });
  writeFileSync(path, text);
  return path;
}

async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const main = join(import.meta.dirname, "../src/main.ts");
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      output += part.toString();
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

describe("exit codes", () => {
  test("default: 0, ended as asked", async () => {
    expect(await run(["--version"])).toMatchObject({ code: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test("error: 1, something to fix: the command, what it finds", async () => {
    expect(await run(["strat"])).toMatchObject({ code: 1, output: expect.stringContaining("start") });
    const checked = await run(["check", "--config", writeConfig("check")], { PLIMSOLL_OPERATOR_KEY: key });
    expect(checked).toMatchObject({ code: 1, output: expect.stringContaining("FAIL") });
  });

  test("error: 75, restart me: a remote signer that may come back", async () => {
    const signer = { remoteUrl: "http://127.0.0.1:9", address: address("c1") };
    const { code, output } = await run(["start", "--config", writeConfig("signer", { signer })]);
    expect(output).toContain("remote signer");
    expect(code).toBe(75);
  });

  test("error: 75, restart me: the watchdog, when a chain goes on and its index does not", async () => {
    const { code, output } = await run(["start", "--config", writeConfig("stalled")], { PLIMSOLL_OPERATOR_KEY: key });
    expect(output).toContain("node started");
    expect(output).toContain("The index of hub has not moved for");
    expect(code).toBe(75);
  });
});
