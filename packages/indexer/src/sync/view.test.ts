import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ChainConfig } from "../config.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import { endpointHealth } from "../rpc/health.ts";
import { rpcPool } from "../rpc/pool.ts";
import { requestRate } from "../rpc/rate.ts";
import type { Header } from "../rpc/wire.ts";
import { chainViews } from "./view.ts";

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
