import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@plimsoll/indexer/database";
import { DatabaseInUseError } from "@plimsoll/indexer/errors";
import { checkpoints } from "@plimsoll/indexer/tables/chain";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { renderConfig } from "../config.ts";
import { addResetChain, ResetError } from "./resetChain.ts";

const address = (byte: string) => `0x${byte.repeat(20)}` as const;
let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relayer-reset-"));
  config = join(folder, "operator.toml");
  const registries = { ledger: address("04"), riskRegistry: address("05"), operatorRegistry: address("06") };
  const contracts = { endpoint: address("01"), attestations: address("02"), ...registries };
  const chain = { name: "hub", eid: 1, chainId: 1, rpcUrls: ["http://localhost:1"], hub: true, contracts };
  const node = { port: 0, database: "node.sqlite" };
  writeFileSync(config, renderConfig({ domainSalt: `0x${"5a".repeat(32)}`, node, chains: [chain] }));
  vi.spyOn(console, "log").mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<void> {
  const program = new Command();
  addResetChain(program);
  await program.parseAsync(["node", "plimsoll", "reset-chain", ...args, "--config", config]);
}

const path = () => join(folder, "node.sqlite");
const halted = {
  indexedNumber: 5,
  indexedHash: `0x${"01".repeat(32)}` as const,
  finalizedNumber: 4,
  halted: "because",
};

describe("plimsoll reset-chain", () => {
  test("default: what was read of that chain is gone, and nothing else", async () => {
    const before = openDatabase(path());
    for (const eid of [1, 2])
      before.drizzle
        .insert(checkpoints)
        .values({ eid, ...halted })
        .run();
    before.close();
    await run("hub", "--yes");
    const after = openDatabase(path());
    expect(after.drizzle.select().from(checkpoints).all()).toEqual([{ eid: 2, ...halted }]);
    after.close();
  });

  test("error: ResetError, a chain or a database that is not there, or without --yes: nothing is touched", async () => {
    await expect(run("hbu", "--yes")).rejects.toThrow(ResetError);
    await expect(run("hub")).rejects.toThrow(ResetError);
    // Where nothing was read yet, or the path is another's, no empty database is made.
    await expect(run("hub", "--yes")).rejects.toThrow(ResetError);
    expect(existsSync(path())).toBe(false);
  });

  test("error: DatabaseInUseError, while the node runs", async () => {
    const node = openDatabase(path());
    await expect(run("hub", "--yes")).rejects.toThrow(DatabaseInUseError);
    node.close();
  });
});
