import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderConfig } from "../src/config.ts";
import { encryptKey } from "../src/keys/keystore.ts";
import { writeKeystore } from "../src/keys/keystoreFile.ts";
import { eventually } from "./support/eventually.ts";

// A node and a provider that does what the worst of them do: it repeats the caller's key in its error messages.

const key: Hex = `0x${"7d3f".repeat(16)}`;
const passphrase = 'a "quoted" passphrase';
const secrets = ["pathsecret0123456789", "querysecret987654321", "usersecret-abc", "passsecret-def"];
const basic = Buffer.from(secrets.slice(2).join(":")).toString("base64");
const forbidden = [...secrets, basic, key.slice(2), passphrase, JSON.stringify(passphrase).slice(1, -1)];

/** Two programs of a hundred files each are started beside each other. */
const startDeadlineMs = 45_000;

const address = (byte: string) => `0x${byte.repeat(20)}` as const;
const contracts = { endpoint: address("01"), attestations: address("02"), consumers: [address("03")] };
const registries = { ledger: address("04"), riskRegistry: address("05"), operatorRegistry: address("06") };

let folder: string;
let provider: Server;
let config: string;
let urls: string;
let asked = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "relayer-secrets-"));
  provider = createServer((request, response) => {
    asked++;
    const told = `project ${request.url} of ${request.headers.authorization} (${secrets.join(" ")}) is over its limit`;
    response.writeHead(asked % 2 === 0 ? 403 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32601, message: told, data: told } }));
  }).listen(0, "127.0.0.1");
  await once(provider, "listening");
  const listening = provider.address();
  const port = typeof listening === "object" && listening ? listening.port : 0;
  const [path, query, user, password] = secrets;
  urls = `http://${user}:${password}@127.0.0.1:${port}/v3/${path}?apikey=${query},http://127.0.0.1:9/${path}`;
  writeKeystore(join(folder, "key.json"), await encryptKey(key, passphrase, { n: 2, r: 1, p: 1 }));
  config = join(folder, "operator.toml");
  const text = renderConfig({
    domainSalt: `0x${"5a".repeat(32)}`,
    metrics: { port: 0 },
    node: { port: 0, database: "operator.sqlite", logLevel: "trace", epochIntervalMs: 200, leaderTimeoutMs: 200 },
    signer: { keystore: "key.json" },
    peers: [{ address: address("c1"), url: "http://127.0.0.1:9" }],
    chains: [
      {
        name: "hub",
        eid: 1,
        chainId: 1,
        rpcUrls: ["http://127.0.0.1:9"],
        pollMs: 50,
        hub: true,
        contracts: { ...contracts, ...registries },
      },
    ],
  });
  writeFileSync(config, text);
});
afterAll(() => {
  provider.close();
  rmSync(folder, { recursive: true });
});

/** Everything that one command prints. `use` ends it. */
async function run(command: string, use: (output: () => string) => Promise<void>): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../src/main.ts"), command, "--config", config], {
    env: { ...process.env, PLIMSOLL_KEYSTORE_PASSPHRASE: passphrase, PLIMSOLL_RPC_URLS_1: urls },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      text += part.toString();
    });
  }
  const ended = once(child, "close");
  try {
    await use(() => text);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
  return text;
}

describe("secrets", () => {
  test("default: neither a node at trace level nor the preflight check tells one of them", async () => {
    const before = asked;
    const checking = run("check", async (printed) => {
      await eventually("findings", async () => printed().includes("FAIL"), startDeadlineMs);
    });
    const output = await run("start", async (printed) => {
      const url = await eventually(
        "the node's URL",
        async () => /"url":"(http[^"]+)","operator"/.exec(printed())?.[1] ?? null,
        startDeadlineMs,
      );
      await eventually("the provider to be asked", async () => asked > before && /cannot be followed/.test(printed()));
      for (const route of ["/v1/health", "/v1/chains", "/v1/epochs", "/v1/status", "/ready"]) {
        const told = await (await fetch(`${url}${route}`)).text();
        for (const secret of forbidden) expect(told).not.toContain(secret);
      }
      const metricsUrl = /"url":"(http[^"]+metrics)"/.exec(printed())?.[1] ?? expect.unreachable();
      const metrics = await (await fetch(metricsUrl)).text();
      expect(metrics).toContain("plimsoll_up 1");
      for (const secret of forbidden) expect(metrics).not.toContain(secret);
    });
    expect(output).toContain("node started");
    expect(output).toContain(privateKeyToAccount(key).address.toLowerCase());
    expect(output).toContain("[secret]");
    const findings = await checking;
    for (const secret of forbidden) {
      expect(output).not.toContain(secret);
      expect(findings).not.toContain(secret);
    }
  });
});
