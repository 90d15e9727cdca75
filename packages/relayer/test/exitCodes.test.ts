import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConfigInput, renderConfig } from "../src/config.ts";
import { eventually } from "./support/eventually.ts";

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

function plan(name: string): ConfigInput {
  const registries = { ledger: address("04"), riskRegistry: address("05"), operatorRegistry: address("06") };
  const contracts = { endpoint: address("01"), attestations: address("02"), ...registries };
  return {
    domainSalt: `0x${"5a".repeat(32)}`,
    node: { port: 0, database: `${name}.sqlite`, stallSeconds: 2, epochIntervalMs: 200, leaderTimeoutMs: 200 },
    chains: [{ name: "hub", eid: 1, chainId: 1, rpcUrls: [rpcUrl], pollMs: 50, hub: true, contracts }],
  };
}

function writeConfig(name: string, over: Partial<ConfigInput> = {}): string {
  const path = join(folder, `${name}.toml`);
  writeFileSync(path, renderConfig({ ...plan(name), ...over }));
  return path;
}

function launch(args: readonly string[], environment: Record<string, string> = {}) {
  const main = join(import.meta.dirname, "../src/main.ts");
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      output += part.toString();
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => output, ended };
}

async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const { ended, output } = launch(args, environment);
  return { code: await ended, output: output() };
}

/** A signer that tells its public key and then signs nothing, and never says so; `asked` is when it is first asked to. */
async function silentSigner() {
  const { address, publicKey } = privateKeyToAccount(generatePrivateKey());
  const asked = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    if (request.method === "POST") return asked.resolve();
    response.end(JSON.stringify([`0x${publicKey.slice(4)}`]));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const listening = server.address();
  const remoteUrl = `http://127.0.0.1:${typeof listening === "object" && listening ? listening.port : 0}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { signer: { remoteUrl, address }, asked: asked.promise, close };
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

  test("error: 1, with each endpoint of a chain of which none answers", async () => {
    const { chains, ...config } = plan("down");
    const rpcUrls = ["http://127.0.0.1:9", "http://127.0.0.1:10"];
    const path = writeConfig("down", { ...config, chains: chains.map((chain) => ({ ...chain, rpcUrls })) });
    const { code, output } = await run(["check", "--config", path], { PLIMSOLL_OPERATOR_KEY: key });
    expect(code).toBe(1);
    for (const url of rpcUrls)
      expect(output).toMatch(new RegExp(`^FAIL {2}hub: rpcUrls: ${new URL(url).host} did not`, "m"));
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

  test("behavior: SIGTERM has it turn clients away until it ends; a second one ends it at once, with 75", async () => {
    const { node } = plan("draining");
    const path = writeConfig("draining", { node: { ...node, stallSeconds: 0, drainMs: 3_600_000 } });
    const { child, output, ended } = launch(["start", "--config", path], { PLIMSOLL_OPERATOR_KEY: key });
    const url = await eventually("the node's URL", async () => /"url":"(http[^"]+)"/.exec(output())?.[1] ?? null);
    child.kill("SIGTERM");
    await eventually("it to drain", async () => {
      const response = await fetch(`${url}/ready`);
      expect(response.status).toBe(503);
      return ((await response.json()) as { because: string[] }).because.includes("draining");
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toBe(75);
  });

  test("error: 75, restart me: what has not ended within its deadline is cut off", async () => {
    const { signer, asked, close } = await silentSigner();
    const { node } = plan("late");
    // To ask a peer how far it is, it has to sign.
    const peers = [{ address: address("c2"), url: "http://127.0.0.1:9" }];
    const path = writeConfig("late", { node: { ...node, stallSeconds: 0, stopDeadlineMs: 1_000 }, signer, peers });
    const { child, output, ended } = launch(["start", "--config", path]);
    try {
      await asked;
      child.kill("SIGTERM");
      expect(await ended).toBe(75);
      expect(output()).toContain("node did not stop in time");
    } finally {
      close();
    }
  });
});
