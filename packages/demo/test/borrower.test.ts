import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { parseConsumer } from "@plimsoll/devnet/plimsoll/consumers";
import { afterAll, expect, test } from "vitest";
import { startLiquidator } from "../src/system/liquidator.ts";
import { type System, startSystem } from "../src/system/system.ts";

let system: System | null = null;

afterAll(async () => {
  await system?.stop();
});

test("default: dollars lent on birch against collateral on alder, by a consumer with a formula of its own", async () => {
  const [alder = 0, birch = 0, cedar = 0, one = 0, two = 0, three = 0] = await freePorts(6);
  system = await startSystem({
    ports: { chains: [alder, birch, cedar], operators: [one, two, three] },
    consumers: [parseConsumer("birch=CreditLine,USDC,bob")],
  });
  const { deployment, accounts } = system.devnet;
  const example = fileURLToPath(import.meta.resolve("../../sdk/examples/borrower.ts"));
  const { stdout } = await promisify(execFile)(process.execPath, [example], {
    env: {
      ...process.env,
      PRIVATE_KEY: accounts.alice.privateKey,
      CREDIT_LINE: deployment.chains.find(({ name }) => name === "birch")?.contracts.consumers.at(-1),
      NODES: system.operators.map(({ url }) => url).join(","),
      RPC_URLS: deployment.chains.map(({ name, rpcUrl }) => `${name}=${rpcUrl}`).join(","),
    },
  });
  // 50,000 USDC less haircuts are 49,748.76 USD; the debt of 5,005 is booked with two per cent on top.
  expect(stdout.split("\n").slice(1)).toEqual([
    "borrowed 5000 USDC, owes 5005",
    "refused: AllotmentExceeded",
    expect.stringMatching(/^worth 44,6\d\d\.\d\d USD with the debt at its worst$/),
    "owes 0",
    "",
  ]);
  // It sells at markets, and takes such a consumer for none.
  const bot = await startLiquidator(system);
  await bot.stop();
});
