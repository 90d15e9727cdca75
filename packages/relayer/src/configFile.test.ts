import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { type ConfigInput, renderConfig } from "./config.ts";
import { ConfigError, loadConfig } from "./configFile.ts";
import { exitCodes } from "./errors.ts";
import { postingOn } from "./posting/config.ts";
import { senderPolicyOn } from "./transactions/config.ts";

const address = (byte: string) => `0x${byte.repeat(20)}` as const;
const key = `0x${"11".repeat(32)}`;
const environment = { PLIMSOLL_OPERATOR_KEY: key };

const input: ConfigInput = {
  domainSalt: `0x${"5a".repeat(32)}`,
  node: { port: 7001, database: "node.sqlite" },
  peers: [{ address: address("c1"), url: "http://127.0.0.1:7002" }],
  chains: [
    {
      name: "birch",
      eid: 40002,
      chainId: 31338,
      rpcUrls: ["http://127.0.0.1:8546"],
      hub: true,
      contracts: {
        endpoint: address("01"),
        attestations: address("02"),
        vault: null,
        consumers: [address("03")],
        ledger: address("04"),
        riskRegistry: address("05"),
        operatorRegistry: address("06"),
      },
    },
  ],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, "operator.toml");
  writeFileSync(path, text);
  return path;
}

function writeYaml(text: string): string {
  const path = join(folder, "operator.yaml");
  writeFileSync(path, text);
  return path;
}

function problemsOf(
  text: string,
  variables: Record<string, string> = environment,
  writeText: (text: string) => string = write,
): readonly string[] {
  try {
    loadConfig(writeText(text), variables);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error).toMatchObject({ code: "config", exitCode: exitCodes.fixSomething });
    return error.problems;
  }
  return [];
}

const lineOf = (text: string, part: string) => text.split("\n").findIndex((line) => line.includes(part)) + 1;

describe("loadConfig", () => {
  test("default: what was rendered is read, with defaults", () => {
    const config = loadConfig(write(renderConfig(input)), environment);
    expect(config).toMatchObject({ ...input, node: { host: "127.0.0.1", port: 7001 } });
    expect(config.node.database).toBe(join(folder, "node.sqlite"));
    expect(config.signer).toEqual({ kind: "key", privateKey: key });
    expect(config.posting.heartbeatSeconds).toBeGreaterThan(0);
  });

  test("behavior: a chain's own settings override those for all, and amounts are read as wei", () => {
    const { posting, gas } = loadConfig(
      write(
        renderConfig({
          ...input,
          posting: { deviationBps: 20, chains: { birch: { heartbeatSeconds: 30 } } },
          gas: { maxFeeGwei: 1.5, chains: { birch: { dailyBudget: 0.05, dailyReportBudget: 0, lowBalance: 0 } } },
        }),
      ),
      environment,
    );
    expect(postingOn(posting, "birch")).toEqual({ deviationBps: 20, heartbeatSeconds: 30, standInMs: 15_000 });
    expect(postingOn(posting, "cedar").heartbeatSeconds).toBe(600);
    const birch = { maxFeePerGasWei: 1_500_000_000n, dailyBudgetWei: 5n * 10n ** 16n, lowBalanceWei: 0n, pollMs: 7 };
    expect(senderPolicyOn(gas, "birch", 7)).toMatchObject({ ...birch, dailyReportBudgetWei: 0n });
    expect(senderPolicyOn(gas, "cedar", 7)).toMatchObject({
      dailyBudgetWei: null,
      dailyReportBudgetWei: 10n ** 16n,
      lowBalanceWei: 10n ** 16n,
    });
  });

  test("error: a password in a peer's URL, which strangers are told when the peer does not answer", () => {
    const text = renderConfig({
      ...input,
      peers: [{ address: address("c1"), url: "http://me:sesame@127.0.0.1:7002" }],
    });
    const problems = problemsOf(text);
    expect(problems).toEqual([expect.stringMatching(/peers\.0\.url: holds a user or password/)]);
    expect(problems[0]).not.toContain("sesame");
  });

  test("error: settings for a chain that is not there", () => {
    const text = renderConfig({ ...input, gas: { chains: { brich: { maxFeeGwei: 1 } } } });
    expect(problemsOf(text)).toEqual([expect.stringMatching(/gas\.chains\.brich: is no chain of this file/)]);
  });

  test("behavior: the environment overrides the file", () => {
    const config = loadConfig(write(renderConfig(input)), {
      ...environment,
      PLIMSOLL_PORT: "9000",
      PLIMSOLL_DATABASE: "/var/lib/other.sqlite",
      PLIMSOLL_RPC_URLS_40002: "https://one.example/key, https://two.example",
    });
    expect(config.node).toMatchObject({ port: 9000, database: "/var/lib/other.sqlite" });
    expect(config.chains[0]?.rpcUrls).toEqual(["https://one.example/key", "https://two.example"]);
  });

  test("error: a mistyped key names its line and what was meant", () => {
    const text = renderConfig(input).replace("epochInterval", "").replace("port =", "prot =");
    const line = lineOf(text, "prot =");
    const problems = problemsOf(text);
    expect(problems.some((problem) => problem.includes(`line ${line}`) && problem.includes('"port"'))).toBe(true);
  });

  test("error: a bad value in a list of tables names its line", () => {
    const text = renderConfig(input).replace("40002", '"40002"');
    expect(problemsOf(text).some((problem) => problem.includes(`line ${lineOf(text, '"40002"')}`))).toBe(true);
  });

  test("error: all problems are told at once", () => {
    const text = renderConfig({ ...input, node: { ...input.node, port: 70_000, leaderTimeoutMs: -1 } });
    expect(problemsOf(text)).toHaveLength(2);
  });

  test("error: not TOML", () => {
    expect(problemsOf("[node\nport = 1")).toEqual([expect.stringMatching(/^line 1, column \d+: not valid TOML: \w/)]);
    const twice = problemsOf('domainSalt = "once"\ndomainSalt = "twice"');
    expect(twice).toEqual(["line 2, column 1: not valid TOML: trying to redefine an already defined table or value"]);
  });

  test("default: the same in YAML", () => {
    const path = writeYaml(stringify(input));
    expect(loadConfig(path, environment)).toEqual(loadConfig(write(renderConfig(input)), environment));
  });

  test("error: YAML, a mistyped key and a bad value name their lines", () => {
    const mistyped = stringify(input).replace("port:", "prot:").replace("40002", '"40002"');
    const problems = problemsOf(mistyped, environment, writeYaml);
    expect(problems).toContainEqual(
      expect.stringContaining(`line ${lineOf(mistyped, "prot:")}: node.prot: unknown key`),
    );
    expect(problems).toContainEqual(
      expect.stringMatching(new RegExp(`line ${lineOf(mistyped, '"40002"')}: chains.0.eid`)),
    );
  });

  test.each([
    ["node: [", /^line 1, column \d+: not valid YAML/],
    ["node:\n  port: 1\n port: 2", /^line 3, column \d+: not valid YAML/],
    ["a: 1\na: 2", /^line 2, column 1: not valid YAML: duplicate key$/],
    ["a: &a [x, x]\nb: [*a, *a]", /^line 2: an alias/],
    ["- one", /^line 1: not a table/],
    ["", /^line 1: not a table/],
  ])("error: not YAML: %j", (text, problem) => {
    expect(problemsOf(text, environment, writeYaml)).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    ["PLIMSOLL_PORT", "eighty"],
    ["PLIMSOLL_PORT", "70000"],
    ["PLIMSOLL_LOG_LEVEL", "loud"],
    ["PLIMSOLL_HOST", ""],
    ["PLIMSOLL_SIGNER_URL", "nowhere"],
    ["PLIMSOLL_RPC_URLS_40002", "https://one.example,nonsense"],
    ["PLIMSOLL_RPC_URLS_40009", "https://one.example"],
  ])("error: a bad %s is named, and no line of the file", (variable, value) => {
    const problems = problemsOf(renderConfig(input), { ...environment, [variable]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${variable}\\b`))]);
    expect(problems[0]).not.toContain("line ");
    if (value !== "") expect(problems[0]).not.toContain(value);
  });

  test("behavior: every override there is does what it says", () => {
    const overrides = { PLIMSOLL_HOST: "::1", PLIMSOLL_PORT: "0", PLIMSOLL_DATABASE: "d", PLIMSOLL_LOG_LEVEL: "warn" };
    const { node } = loadConfig(write(renderConfig(input)), { ...environment, ...overrides });
    expect(node).toMatchObject({ host: "::1", port: 0, database: join(folder, "d"), logLevel: "warn" });
  });

  test("error: no such file", () => {
    expect(() => loadConfig(join(folder, "none.toml"), environment)).toThrow(ConfigError);
  });

  test.each([{}, { PLIMSOLL_OPERATOR_KEY: "0x12" }])(
    "error: a missing or malformed key is named, never told",
    (variables) => {
      const problems = problemsOf(renderConfig(input), variables as Record<string, string>);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain("PLIMSOLL_OPERATOR_KEY");
      expect(problems[0]).not.toContain("0x12");
    },
  );

  test("error: a key has no place in the file", () => {
    expect(problemsOf(renderConfig(input).replace("port =", `operatorKey = "${key}"\nport =`))).toHaveLength(1);
  });

  test("behavior: a keystore is named relative to the file", () => {
    const config = loadConfig(write(renderConfig({ ...input, signer: { keystore: "keys/operator.json" } })), {});
    expect(config.signer).toEqual({ kind: "keystore", path: join(folder, "keys/operator.json") });
  });

  test("behavior: a remote signer's URL may come from the environment alone", () => {
    const text = renderConfig({ ...input, signer: { address: address("c0"), remoteUrl: "http://127.0.0.1:9000" } });
    const url = "https://signer.example/secret";
    const { signer } = loadConfig(write(text), { PLIMSOLL_SIGNER_URL: url });
    expect(signer).toEqual({ kind: "remote", url, address: address("c0") });
  });

  test.each([
    [{}, "keystore"],
    [{ remoteUrl: "http://127.0.0.1:9000" }, "address"],
    [{ keystore: "k", remoteUrl: "http://127.0.0.1:9000", address: address("c0") }, "remoteUrl"],
  ])("error: ConfigError, half a signer: %o", (signer, key) => {
    const problems = problemsOf(renderConfig({ ...input, signer }), {});
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^line \\d+: signer.${key}`));
  });

  test("error: ConfigError, two keys", () => {
    expect(problemsOf(renderConfig({ ...input, signer: { keystore: "k" } }))).toHaveLength(1);
  });

  test("error: two hubs", () => {
    const [chain] = input.chains;
    if (chain === undefined) expect.unreachable();
    const other = { ...chain, eid: 40003, chainId: 31339, name: "cedar" };
    expect(problemsOf(renderConfig({ ...input, chains: [chain, other] }))).toHaveLength(1);
  });
});
