import { MalformedAccountId } from "@plimsoll/protocol/errors";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { accountJson } from "../../test/support/accountJson.ts";
import { chainsJson } from "../../test/support/chains.ts";
import { type JsonAnswer, type JsonServer, problem, serveJson } from "../../test/support/jsonServer.ts";
import { createPlimsoll, type Plimsoll } from "../createPlimsoll.ts";
import { NodeProblem, UnexpectedResponse, UnknownAccount } from "../errors/node.ts";
import { WaitTimedOut } from "../errors/waiting.ts";
import type { Account } from "../node/accountSchema.ts";
import { marginOf } from "../units/marginOf.ts";
import { getAccount } from "./getAccount.ts";
import { waitForAccount } from "./waitForAccount.ts";
import { watchAccount } from "./watchAccount.ts";

const { account } = accountJson;
let server: JsonServer;
let plimsoll: Plimsoll;
let answer: JsonAnswer;

beforeEach(async () => {
  answer = { body: accountJson };
  server = await serveJson(({ pathname }) => (pathname === "/v1/chains" ? { body: chainsJson } : answer));
  plimsoll = await createPlimsoll({ nodes: [server.url], pollIntervalMilliseconds: 10 });
});
afterEach(() => server.close());

const looks = () => server.requests.length;
const anotherLook = async () => {
  const before = looks();
  await vi.waitUntil(() => looks() > before + 1);
};

describe("getAccount", () => {
  test("default: amounts are bigints", async () => {
    const seen = await getAccount(plimsoll, { account });
    expect(seen).toMatchObject({ account, base: 99_500_000_000n, values: [99_500_000_000n, 99_000_000_000n] });
    expect(marginOf(seen)).toMatchObject({ initial: 500_000_000n, free: 99_000_000_000n, usageBps: 51n });
  });

  test("error: UnknownAccount", async () => {
    answer = problem(404, "unknown-account");
    await expect(getAccount(plimsoll, { account })).rejects.toThrow(UnknownAccount);
  });

  test("error: NodeProblem, for a path that the server does not know", async () => {
    answer = problem(404, "unknown-route");
    await expect(getAccount(plimsoll, { account })).rejects.toThrow(NodeProblem);
  });

  test("error: MalformedAccountId, before any node is asked", async () => {
    const before = looks();
    await expect(getAccount(plimsoll, { account: "0x12" })).rejects.toThrow(MalformedAccountId);
    expect(looks()).toBe(before);
  });
});

describe("watchAccount", () => {
  test("default: tells the first state and every change, and no more once ended", async () => {
    const onChange = vi.fn<(account: Account, previous: Account | null) => void>();
    const unwatch = watchAccount(plimsoll, { account, onChange });
    await vi.waitUntil(() => onChange.mock.calls.length === 1);
    await anotherLook();
    expect(onChange).toHaveBeenCalledTimes(1);

    answer = { body: { ...accountJson, epoch: 4 } };
    await vi.waitUntil(() => onChange.mock.calls.length === 2);
    expect(onChange.mock.calls[1]?.map((state) => state?.epoch)).toEqual([4, 3]);

    unwatch();
    answer = { body: { ...accountJson, epoch: 5 } };
    const before = looks();
    await getAccount(plimsoll, { account });
    expect(looks()).toBeLessThanOrEqual(before + 2);
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  test("behavior: goes on after a failure, and waits for an account not known yet", async () => {
    answer = problem(404, "unknown-account");
    const [onChange, onError] = [vi.fn(), vi.fn()];
    const unwatch = watchAccount(plimsoll, { account, onChange, onError });
    await anotherLook();
    expect(onError).not.toHaveBeenCalled();
    answer = { body: "<html>" };
    await vi.waitUntil(() => onError.mock.calls.length > 0);
    expect(onError.mock.calls[0]?.[0]).toBeInstanceOf(UnexpectedResponse);
    answer = { body: accountJson };
    await vi.waitUntil(() => onChange.mock.calls.length === 1);
    unwatch();
  });
});

describe("waitForAccount", () => {
  test("default: resolves once the account is as wanted, through a node's trouble", async () => {
    answer = problem(503, "no-epoch-yet");
    const waiting = waitForAccount(plimsoll, { account, predicate: ({ epoch }) => epoch >= 4 });
    await anotherLook();
    answer = { body: accountJson };
    await anotherLook();
    answer = { body: { ...accountJson, epoch: 4 } };
    expect(await waiting).toMatchObject({ epoch: 4 });
  });

  test("error: WaitTimedOut", async () => {
    const never = waitForAccount(plimsoll, { account, predicate: () => false, timeoutMilliseconds: 50 });
    await expect(never).rejects.toThrow(WaitTimedOut);
  });
});
