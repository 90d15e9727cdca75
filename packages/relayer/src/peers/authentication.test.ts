import fc from "fast-check";
import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { createPeerAuthenticator, createRequestSigner, peerWindowMs } from "./authentication.ts";

const account = privateKeyToAccount(`0x${"2a".repeat(32)}`);
const stranger = privateKeyToAccount(`0x${"2b".repeat(32)}`);
const addressOf = (one: { address: Address }) => one.address.toLowerCase() as Address;
const me: Address = `0x${"c0".repeat(20)}`;
const domainSalt: Hex = `0x${"5a".repeat(32)}`;

function setUp(by = account, salt = domainSalt) {
  const clock = { nowMs: 1_760_000_000_000 };
  const nowMs = () => clock.nowMs;
  const sign = createRequestSigner({
    me: addressOf(by),
    domainSalt: salt,
    sign: (message) => by.signMessage({ message }),
    nowMs,
  });
  const authenticator = createPeerAuthenticator({ me, peers: [addressOf(account)], domainSalt, nowMs });
  return { clock, sign, authenticator };
}

const request = { method: "POST", path: "/v1/peer/proposals", body: '{"epoch":7}' };

describe("createPeerAuthenticator", () => {
  test("default: a peer's request is taken, once", async () => {
    const { sign, authenticator } = setUp();
    const headers = new Headers(await sign({ to: me, ...request }));
    expect(authenticator.precheck(headers)).toBeNull();
    expect(await authenticator.authenticate({ ...request, headers })).toEqual({ operator: addressOf(account) });
    expect(await authenticator.authenticate({ ...request, headers })).toEqual({ because: "replayed" });
    // Signed anew it is another request.
    const again = new Headers(await sign({ to: me, ...request }));
    expect(await authenticator.authenticate({ ...request, headers: again })).toEqual({ operator: addressOf(account) });
  });

  test("behavior: nothing that was signed can be changed", async () => {
    const { sign, authenticator } = setUp();
    const headers = await sign({ to: me, ...request });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("method", "path", "body", "plimsoll-time", "plimsoll-nonce", "plimsoll-signature"),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        async (part, where, by) => {
          const all: Record<string, string> = { ...request, ...headers };
          const text = all[part] ?? "";
          const at = part.startsWith("plimsoll") ? 2 + (where % (text.length - 2)) : where % text.length;
          const digit = Number.parseInt(text[at] ?? "", 16);
          const other = Number.isNaN(digit) ? "~" : ((digit + by) % (part === "plimsoll-time" ? 10 : 16)).toString(16);
          all[part] = text.slice(0, at) + other + text.slice(at + 1);
          if (all[part] === text) return;
          const { method = "", path = "", body = "", ...rest } = all;
          const answer = await authenticator.authenticate({ method, path, body, headers: new Headers(rest) });
          expect(answer).toHaveProperty("because");
        },
      ),
    );
    expect(await authenticator.authenticate({ ...request, headers: new Headers(headers) })).toHaveProperty("operator");
  });

  test("error: old and future ones, for as long as they could be repeated", async () => {
    const { clock, sign, authenticator } = setUp();
    const headers = new Headers(await sign({ to: me, ...request }));
    await authenticator.authenticate({ ...request, headers });
    for (const later of [1, peerWindowMs - 1, peerWindowMs]) {
      clock.nowMs = 1_760_000_000_000 + later;
      expect(await authenticator.authenticate({ ...request, headers })).toEqual({ because: "replayed" });
    }
    for (const away of [peerWindowMs + 1, -peerWindowMs - 1]) {
      clock.nowMs = 1_760_000_000_000 + away;
      expect(authenticator.precheck(headers)).toBe("clock-skew");
    }
  });

  test("error: for another operator, of another deployment, by a stranger, or unsigned", async () => {
    const { sign, authenticator } = setUp();
    const other = new Headers(await sign({ to: `0x${"c1".repeat(20)}`, ...request }));
    expect(await authenticator.authenticate({ ...request, headers: other })).toEqual({ because: "wrong-signature" });
    const deployment = new Headers(await setUp(account, `0x${"5b".repeat(32)}`).sign({ to: me, ...request }));
    expect(await authenticator.authenticate({ ...request, headers: deployment })).toEqual({
      because: "wrong-signature",
    });
    const strange = new Headers(await setUp(stranger).sign({ to: me, ...request }));
    expect(authenticator.precheck(strange)).toBe("unknown-operator");
    strange.set("plimsoll-operator", addressOf(account));
    expect(await authenticator.authenticate({ ...request, headers: strange })).toEqual({ because: "wrong-signature" });
    expect(authenticator.precheck(new Headers())).toBe("unsigned");
  });
});
