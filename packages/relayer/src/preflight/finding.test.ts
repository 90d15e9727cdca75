import { chainConfigSchema } from "@plimsoll/indexer/config";
import { parseAbi } from "viem";
import { expect, test } from "vitest";
import { looking, well } from "./finding.ts";
import { readerOf } from "./reader.ts";

test("looking: a contract that cannot be asked, and why", async () => {
  const rpcUrls = chainConfigSchema.shape.rpcUrls.parse(["http://127.0.0.1:59999"]);
  const finding = await looking("operator set", async () => {
    const abi = parseAbi(["function current() view returns (uint32)"]);
    await readerOf({ rpcUrls }).readContract({ address: `0x${"aa".repeat(20)}`, abi, functionName: "current" });
    return well("operator set");
  });
  expect(finding.problem).toMatch(/^it cannot be asked: .*ECONNREFUSED/);
});
