import { describe, expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import type { RpcEndpoint } from "./endpoint.ts";
import { endpointHealth } from "./health.ts";
import { rpcPool } from "./pool.ts";
import { requestRate } from "./rate.ts";

/** Only what a pool asks of an endpoint. */
function endpoint(host: string, chainId: number | Error = 1): RpcEndpoint {
  const unused = () => expect.unreachable();
  return {
    url: `http://${host}`,
    health: endpointHealth(),
    rate: requestRate({ nowMs: () => 0, sleep: async () => undefined }),
    inLine: unused,
    chainId: () => (chainId instanceof Error ? Promise.reject(chainId) : Promise.resolve(chainId)),
    header: unused,
    logsInRange: unused,
    logsInBlock: unused,
    allLogsInBlock: unused,
    code: unused,
    call: unused,
  };
}

describe("rpcPool", () => {
  test("default: the first one, until it fails", async () => {
    const [one, other] = [endpoint("one"), endpoint("other")];
    const pool = rpcPool([one, other], 1, () => 0);
    expect([await pool.current(), await pool.second()]).toEqual([one, other]);
    expect(pool.inUse()).toBe(one);
    pool.rotate();
    expect(await pool.current()).toBe(other);
    expect(pool.inUse()).toBe(other);
  });

  test("behavior: one that failed rests, longer each time, and comes back", async () => {
    let now = 0;
    const [one, other] = [endpoint("one"), endpoint("other")];
    const pool = rpcPool([one, other], 1, () => now);
    await pool.current();
    pool.rotate();
    pool.rotate();
    // Both rest: the next in turn is asked all the same.
    expect(await pool.current()).toBe(one);
    now = 2_500;
    pool.rotate();
    expect(await pool.current()).toBe(other);
    now = 5_500;
    pool.rotate();
    expect(await pool.current()).toBe(one);
  });

  test("behavior: one that is much quicker, more reliable or further ahead takes over", async () => {
    const [slow, quick] = [endpoint("slow"), endpoint("quick")];
    const pool = rpcPool([slow, quick], 1, () => 0);
    await pool.others();
    await pool.current();
    slow.health.succeeded(100);
    quick.health.succeeded(80);
    expect(await pool.current(), "not worth a change").toBe(slow);
    for (let failed = 0; failed < 10; failed++) slow.health.failed();
    expect(await pool.current(), "fails").toBe(quick);
    quick.health.sawHead(100);
    slow.health.sawHead(160);
    for (let answered = 0; answered < 100; answered++) slow.health.succeeded(80);
    expect(await pool.current(), "is behind").toBe(slow);
  });

  test("behavior: one of another chain is never used, one that is down is no second opinion", async () => {
    const [wrong, right, down] = [endpoint("wrong", 2), endpoint("right"), endpoint("down", new TypeError("down"))];
    const pool = rpcPool([wrong, right, down], 1, () => 0);
    expect(await pool.current()).toBe(right);
    expect(await pool.others()).toEqual([]);
    expect(await pool.second()).toBe(right);
  });

  test("error: ConfigError where none is of the chain", async () => {
    await expect(rpcPool([endpoint("wrong", 2)], 1).current()).rejects.toThrow(ConfigError);
  });
});
