import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { fileSchema } from "../src/config.ts";
import { loadConfigFile } from "../src/configFile.ts";
import { networks } from "../src/init/networks.ts";
import { loadLiquidatorConfig } from "../src/liquidator/config.ts";
import { patienceMs } from "../src/liquidator/liquidator.ts";
import { createLiquidatorMetrics } from "../src/liquidator/metrics.ts";
import { addCollected } from "../src/metrics/collect.ts";
import { createMetrics } from "../src/metrics/metrics.ts";
import { refusalSchema } from "../src/quorum/refusal.ts";

// Whatever ops/ names must be there: a metric, a label, a value of one, a file, a port, a section of the handbook.

const ops = join(import.meta.dirname, "../../../ops");
const read = (path: string) => readFileSync(join(ops, path), "utf8");
const handbook = readFileSync(join(ops, "../docs/OPERATORS.md"), "utf8");

const alertsSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(["page", "ticket"]) }),
          annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const dashboardSchema = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string(),
      description: z.string().optional(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).optional(),
    }),
  ),
});

const alerts = alertsSchema.parse(parse(read("prometheus/alerts.yml"))).groups.flatMap(({ rules }) => rules);
const panels = dashboardSchema.parse(JSON.parse(read("grafana/dashboard.json"))).panels;
const shown = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

/** Of everything that a node or a liquidator tells: its labels. Prometheus adds those of the scrape. */
function metricLabels(): Map<string, readonly string[]> {
  const { registry } = createMetrics({ defaults: true, chains: [] });
  const none = {
    chainStatus: () => [],
    endpoints: () => [],
    newestPosted: () => new Map(),
    newestAttested: () => null,
    equivocations: () => 0,
  };
  addCollected(registry, {
    ...none,
    messagesInFlight: () => [],
    depositsUnreported: () => new Map(),
    accounts: () => null,
    peersSeen: () => [],
    openStreams: () => 0,
  });
  const labels = new Map<string, readonly string[]>([["up", []]]);
  const liquidator = createLiquidatorMetrics({ defaults: false, chains: [] }).registry;
  for (const metric of [...registry.getMetricsAsArray(), ...liquidator.getMetricsAsArray()]) {
    const { name, type, labelNames = [] } = metric as unknown as { name: string; type: string; labelNames?: string[] };
    if (type === "histogram") labels.set(`${name}_bucket`, [...labelNames, "le"]);
    else labels.set(name, labelNames);
  }
  return labels;
}
const labels = metricLabels();
const ofScrape = ["instance", "job"];

/** Every value that a label of ours can have, where a rule speaks of one. */
const values: Readonly<Record<string, readonly string[]>> = {
  reason: refusalSchema.options.map(({ shape }) => shape.code.value),
  event: ["sent", "replaced", "mined", "reverted", "reopened", "taken", "rejected", "unreachable"],
  because: ["too-much", "overtaken", "failed", "budget", "fee-cap", "funds"],
  age: ["under-5m", "5m-30m", "30m-2h", "2h-7d"],
};

interface Selector {
  readonly metric: string;
  readonly matchers: { readonly label: string; value: string }[];
}

/** What a PromQL expression selects, and by which labels it groups; fails where it is not PromQL. */
function dissect(expression: string): { selectors: Selector[]; grouped: string[] } {
  const selectors: Selector[] = [];
  const grouped: string[] = [];
  let isMatcher = false;
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      const text = expression.slice(from, to);
      expect(type.isError, `${expression} at ${from}`).toBe(false);
      if (type.name === "VectorSelector") selectors.push({ metric: /^\w+/.exec(text)?.[0] ?? "", matchers: [] });
      else if (type.name === "LabelMatchers") isMatcher = true;
      else if (type.name === "GroupingLabels") isMatcher = false;
      else if (type.name === "LabelName" && isMatcher) selectors.at(-1)?.matchers.push({ label: text, value: "" });
      else if (type.name === "LabelName") grouped.push(text);
      else if (type.name === "StringLiteral" && isMatcher) {
        const last = selectors.at(-1)?.matchers.at(-1);
        if (last !== undefined) last.value = JSON.parse(text);
      }
    },
  });
  return { selectors, grouped };
}

function checkExpression(expression: string): void {
  const { selectors, grouped } = dissect(expression);
  expect(selectors.length, expression).toBeGreaterThan(0);
  for (const { metric, matchers } of selectors) {
    const known = labels.get(metric);
    expect(known, `${metric} in ${expression}`).toBeDefined();
    for (const { label, value } of matchers) {
      expect([...(known ?? []), ...ofScrape], expression).toContain(label);
      for (const one of values[label] === undefined ? [] : value.split("|")) expect(values[label]).toContain(one);
    }
  }
  const possible = selectors.flatMap(({ metric }) => labels.get(metric) ?? []);
  for (const label of grouped) expect([...possible, ...ofScrape], expression).toContain(label);
}

describe("alerts", () => {
  test.each(alerts)("default: $alert speaks of what there is, and its section says what to do", (rule) => {
    checkExpression(rule.expr);
    const { summary, runbook } = rule.annotations;
    expect(runbook).toBe(`docs/OPERATORS.md#${rule.alert.toLowerCase()}`);
    const section = handbook.split(`\n### ${rule.alert}\n`)[1]?.split(/\n##/)[0] ?? "";
    expect(section.length, `section of ${rule.alert}`).toBeGreaterThan(80);
    const { selectors, grouped } = dissect(rule.expr);
    const aggregated = /\b(sum|min|max) by\b/.test(rule.expr);
    const left = aggregated ? grouped : selectors.flatMap(({ metric }) => labels.get(metric) ?? []);
    for (const [, label] of summary.matchAll(/\$labels\.(\w+)/g)) expect([...left, ...ofScrape]).toContain(label);
  });

  test("behavior: no alert twice, and no section of an alert that is gone", () => {
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const sections = handbook.split("\n## When the pager goes off\n")[1]?.split("\n## ")[0] ?? "";
    expect([...sections.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)).toEqual(names);
  });

  test("error: what this test would not let pass", () => {
    for (const wrong of [
      "plimsoll_upp == 0",
      'plimsoll_chain_ok{chian="base"} == 0',
      'increase(plimsoll_signing_refusals_total{reason="clock"}[5m]) > 0',
      "sum by (color) (plimsoll_chain_ok)",
      "plimsoll_up ==",
      "1 > 0",
    ]) {
      expect(() => checkExpression(wrong), wrong).toThrow();
    }
  });
});

describe("the dashboard", () => {
  test.each(shown)("default: $title: $expr", ({ expr, legendFormat }) => {
    const expression = expr.replaceAll("$instance", ".*");
    checkExpression(expression);
    const possible = dissect(expression).selectors.flatMap(({ metric }) => labels.get(metric) ?? []);
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      expect([...possible, ...ofScrape]).toContain(label);
  });

  test("behavior: everything that a node counts is on it, and no panel lies on another", () => {
    const used = new Set(
      shown.flatMap(({ expr }) => dissect(expr.replaceAll("$instance", ".*")).selectors.map(({ metric }) => metric)),
    );
    const ours = [...labels.keys()].filter((name) => name.startsWith("plimsoll_"));
    expect(ours.filter((name) => !used.has(name))).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart).toBe(true);
      }
    }
  });
});

describe("the handbook's configuration", () => {
  const section = handbook.split("\n### The configuration\n")[1]?.split("\n## ")[0] ?? "";
  const listing = /```toml\n(.*?)```/s.exec(section)?.[1] ?? "";

  test("default: every key is in it", () => {
    const keysOf = (schema: unknown): string[] => {
      if (typeof schema !== "object" || schema === null) return [];
      const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
      return [...own, ...Object.values(schema).flatMap(keysOf)];
    };
    const keys = new Set(keysOf(z.toJSONSchema(fileSchema, { io: "input", unrepresentable: "any" })));
    expect(keys).toContain("heartbeatSeconds");
    expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(section))).toEqual([]);
  });

  test("default: a node takes it, and what is left out is as it stands there", () => {
    const hash = `0x${"00".repeat(32)}`;
    const address = `0x${"11".repeat(20)}`;
    const filled = listing.replace('domainSalt = "0x…"', `domainSalt = "${hash}"`).replaceAll("0x…", address);
    const { domainSalt, metrics, peers, node, chains, ...written } = z
      .looseObject({
        ...{ domainSalt: z.string(), metrics: z.unknown(), peers: z.unknown() },
        node: z.looseObject({ port: z.number(), database: z.string() }),
        chains: z.tuple([z.looseObject({ contracts: z.looseObject({}) })]),
      })
      .parse(parseToml(filled));
    // A deployment has a hub.
    const contracts = { ...chains[0].contracts, ledger: address, riskRegistry: address, operatorRegistry: address };
    const chain = { ...chains[0], hub: true, contracts };
    const own = { domainSalt, metrics, peers };
    const all = fileSchema.parse({ ...own, ...written, node, chains: [chain] });
    const { name, eid, chainId, rpcUrls, startBlock } = chain as Record<string, unknown>;
    const { port, database } = node;
    const least = { name, eid, chainId, rpcUrls, startBlock, hub: true, contracts };
    const { gas, posting, ...rest } = fileSchema.parse({ ...own, node: { port, database }, chains: [least] });
    expect(all).toEqual({
      ...rest,
      gas: { ...gas, dailyBudget: 0.05, chains: { alder: { maxFeeGwei: 2 } } },
      posting: { ...posting, chains: { alder: { heartbeatSeconds: 1_800 } } },
    });
  });
});

describe("deployment files", () => {
  const compose = z
    .object({
      services: z.record(z.string(), z.looseObject({ volumes: z.array(z.string()), ports: z.array(z.string()) })),
      volumes: z.record(z.string(), z.unknown()),
    })
    .parse(parse(read("compose.yaml")));

  test("default: the example is a configuration that a node takes", () => {
    const config = loadConfigFile(join(ops, "operator.example.toml"), {});
    for (const { name, eid, chainId, contracts } of config.chains) {
      const network = networks.find((one) => one.name === name) ?? expect.unreachable();
      expect({ eid, chainId, endpoint: contracts.endpoint }).toEqual({
        eid: network.eid,
        chainId: network.chainId,
        endpoint: network.endpoint.toLowerCase(),
      });
    }
    // The ports that everything else counts on.
    expect(read("prometheus/prometheus.yml")).toContain(`node:${config.metrics?.port}`);
    expect(read("Dockerfile")).toContain(`http://127.0.0.1:${config.node.port}/health`);
    expect(read("Dockerfile")).toContain(`EXPOSE ${config.node.port} ${config.metrics?.port}`);
    expect(compose.services["node"]?.ports).toEqual([`127.0.0.1:${config.node.port}:${config.node.port}`]);
    // Docker waits for longer than the node takes at most to end.
    const seconds = /stop_grace_period: (\d+)s/.exec(read("compose.yaml"))?.[1];
    expect(Number(seconds) * 1_000).toBeGreaterThan(config.node.drainMs + config.node.stopDeadlineMs);
  });

  test("default: so is the liquidator's, and Docker waits for longer than it takes at most to end", () => {
    const environment = { PLIMSOLL_LIQUIDATOR_KEY: `0x${"7d".repeat(32)}` };
    const { metrics } = loadLiquidatorConfig(join(ops, "liquidator.example.toml"), environment);
    expect(read("prometheus/prometheus.yml")).toContain(`liquidator:${metrics?.port}`);
    const service = compose.services["liquidator"];
    expect(service?.["command"]).toBe("liquidator --config /data/liquidator.toml");
    const seconds = /^(\d+)s$/.exec(String(service?.["stop_grace_period"]))?.[1];
    expect(Number(seconds) * 1_000).toBeGreaterThan(patienceMs);
  });

  test("default: every file that compose mounts is there, and nothing is published to the world", () => {
    for (const [name, { volumes, ports }] of Object.entries(compose.services)) {
      for (const mount of volumes.map((volume) => volume.split(":")[0] ?? "")) {
        if (mount === "./data") continue; // the operator's own
        const isThere = mount.startsWith("./") ? existsSync(join(ops, mount)) : mount in compose.volumes;
        expect(isThere, `${name}: ${mount}`).toBe(true);
      }
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  test("default: images and services run the Node that the workspace pins, and the program that there is", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ops, "../package.json"), "utf8"));
    expect(read("Dockerfile").match(/^FROM node:(\S+)-bookworm-slim/gm)).toEqual(
      Array.from({ length: 2 }, () => `FROM node:${devDependencies.node}-bookworm-slim`),
    );
    expect(read("Dockerfile")).toContain(`pnpm@${devDependencies.pnpm} install`);
    for (const file of ["Dockerfile", "plimsoll.service"]) {
      for (const [, path = ""] of read(file).matchAll(/plimsoll\/(packages\/\S+?\.ts)/g)) {
        expect(existsSync(join(ops, "..", path)), path).toBe(true);
      }
    }
    expect(read("plimsoll.service")).toContain("RestartPreventExitStatus=1\n");
  });
});
