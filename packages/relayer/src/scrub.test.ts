import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createScrub, secretsOf } from "./scrub.ts";

const key = `0x${"5e".repeat(32)}` as const;

describe("createScrub", () => {
  test("default: strikes out the secret, in any case, and nothing else", () => {
    const scrub = createScrub(["hunter2hunter2"]);
    expect(scrub('{"msg":"HUNTER2hunter2 refused"}')).toBe('{"msg":"[secret] refused"}');
    expect(scrub("v3 mainnet")).toBe("v3 mainnet");
  });

  test("behavior: no secret survives, whatever stands around it", () => {
    const secret = fc.string({ minLength: 8, maxLength: 40, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (secrets, around) => {
        const scrubbed = createScrub(secrets)(secrets.map((one, index) => `${around[index] ?? ""}${one}`).join("\n"));
        for (const line of scrubbed.split("\n")) expect(line).toContain("[secret]");
        for (const one of secrets) expect(createScrub(secrets)(JSON.stringify({ one }))).toContain("[secret]");
      }),
    );
  });
});

describe("secretsOf", () => {
  test("default: keys in URLs, the signer's, and the passphrase", () => {
    const chains = [
      {
        rpcUrls: ["https://user:passpasspass@rpc.example/v3/aaaaaaaaaaaaaaaa?apikey=bbbbbbbb", "https://plain.example"],
      },
    ] as unknown as Parameters<typeof secretsOf>[0]["chains"];
    const environment = { PLIMSOLL_KEYSTORE_PASSPHRASE: "correct horse" };
    const secrets = secretsOf({ chains, signer: { kind: "key", privateKey: key } }, environment);
    const told = `${key} https://user:passpasspass@rpc.example/v3/aaaaaaaaaaaaaaaa?apikey=bbbbbbbb correct horse plain.example`;
    expect(createScrub(secrets)(told)).toBe(
      "0x[secret] https://user:[secret]@rpc.example/v3/[secret]?apikey=[secret] [secret] plain.example",
    );
  });
});
