import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type ChainConfig, chainConfigSchema } from "../config.ts";
import { RpcRefusedError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import { endpointHealth } from "../rpc/health.ts";
import { type RpcPool, rpcPool } from "../rpc/pool.ts";
import { requestRate } from "../rpc/rate.ts";
import type { Header } from "../rpc/wire.ts";
import { chainViews } from "./view.ts";

const address = `0x${"11".repeat(20)}`;
const chain: ChainConfig = chainConfigSchema.parse({
  ...{ name: "alder", eid: 40001, chainId: 1, hub: false, rpcUrls: ["http://one"] },
  contracts: { endpoint: address, attestations: address },
});

/** One endpoint whose head is what the test says, and that counts how often it is asked for it. */
function chainAt(head: number, finalized: () => Promise<Header | null> = async () => ({ number: head - 2 }) as Header) {
  const told = { head, asked: 0 };
  const header: RpcEndpoint["header"] = async (block) => {
    if (block === "finalized") return await finalized();
    told.asked++;
    return { number: block === "latest" ? told.head : block } as Header;
  };
  const endpoint = { header } as RpcEndpoint;
  const pool = { current: async () => endpoint, others: async () => [] } as Partial<RpcPool> as RpcPool;
  return { told, pool };
}

/** An endpoint of a chain that is as far as `at` says. */
function endpointAt(host: string, at: { head: number }): RpcEndpoint {
  const health = endpointHealth();
  const unused = () => expect.unreachable();
  return {
    url: `http://${host}`,
    health,
    rate: requestRate({ nowMs: () => 0, sleep: async () => undefined }),
    chainId: async () => 1,
    inLine: unused,
    async header(block) {
      health.succeeded(20);
      if (block === "latest") health.sawHead(at.head);
      const number = block === "latest" ? at.head : Number(block);
      return { number, hash: `0x${number.toString(16).padStart(64, "0")}`, timestamp: number } as Header;
    },
    logsInRange: unused,
    logsInBlock: unused,
    allLogsInBlock: unused,
    code: unused,
    call: unused,
  };
}

describe("chainViews", () => {
  test("default: one view serves what lies below its head, for two seconds", async () => {
    let now = 10_000;
    const { told, pool } = chainAt(100);
    const views = chainViews(chain, pool, () => now);
    expect(await views.look(0, -1)).toMatchObject({ isNew: true, head: { number: 100 }, finalized: { number: 98 } });
    told.head = 120;
    now += 1_999;
    expect(await views.look(100, -1)).toMatchObject({ isNew: false, head: { number: 100 } });
    expect(await views.look(101, -1), "nothing is left of it").toMatchObject({ isNew: true, head: { number: 120 } });
    now += 2_000;
    expect(await views.look(102, -1)).toMatchObject({ isNew: true });
    views.forget();
    expect(await views.look(102, -1)).toMatchObject({ isNew: true });
    expect(told.asked).toBe(4);
  });

  test("behavior: a depth is counted from the head", async () => {
    const { pool } = chainAt(100);
    const views = chainViews({ ...chain, finality: { depth: 64 } }, pool);
    expect(await views.look(0, -1)).toMatchObject({ finalized: { number: 36 } });
    const young = chainViews({ ...chain, finality: { depth: 200 } }, pool);
    expect(await young.look(0, -1)).toMatchObject({ finalized: null });
  });

  test("error: RpcRefusedError with what to do, where no block is called finalized", async () => {
    const { pool } = chainAt(100, () => Promise.reject(new RpcRefusedError("unknown block", "Later.")));
    await expect(chainViews(chain, pool).look(0, -1)).rejects.toMatchObject({
      code: "rpc-refused",
      hint: expect.stringContaining("finality = { depth"),
    });
  });

  test("behavior: an endpoint that answers and stands still is left for one that goes on", async () => {
    let nowMs = 0;
    const [stopped, going] = [{ head: 100 }, { head: 100 }];
    const pool = rpcPool([endpointAt("stopped", stopped), endpointAt("going", going)], 1, () => nowMs);
    const chain = { name: "alder", finality: { depth: 4 } } as ChainConfig;
    const views = chainViews(chain, pool, () => nowMs);
    let seen = 0;
    for (let second = 0; second < 30; second++) {
      nowMs += 1_000;
      going.head++;
      seen = (await views.look(Math.max(101, seen + 1), 96)).head.number;
      await setImmediate();
    }
    expect(seen).toBe(going.head);
  });
});
