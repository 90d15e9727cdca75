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

  test("behavior: a URL's secrets as they travel: encoded, without a name, and as a header", () => {
    const url = "https://user:pass%2Fword@signer.example/?abcdef0123456789&key=c%2Bd%2Fef01%3D%3D";
    const signer = { kind: "remote", url, address: `0x${"aa".repeat(20)}` } as const;
    const scrub = createScrub(secretsOf({ chains: [], signer }, {}));
    const basic = Buffer.from("user:pass/word").toString("base64");
    for (const one of ["abcdef0123456789", "c%2Bd%2Fef01%3D%3D", "c+d/ef01==", "pass%2Fword", basic]) {
      expect(scrub(`told ${one}.`)).toBe("told [secret].");
    }
    expect(scrub(url)).toBe("https://user:[secret]@signer.example/?[secret]&key=[secret]");
  });
});
