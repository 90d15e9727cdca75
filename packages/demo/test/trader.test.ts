import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePorts } from "@plimsoll/devnet/chains/port";
import type { Devnet } from "@plimsoll/devnet/devnet";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { claimWithdrawal } from "@plimsoll/sdk/actions/claimWithdrawal";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { getAccount } from "@plimsoll/sdk/actions/getAccount";
import { getEpoch } from "@plimsoll/sdk/actions/getEpoch";
import { getLiquidations } from "@plimsoll/sdk/actions/getLiquidations";
import { keepForExit } from "@plimsoll/sdk/actions/keepForExit";
import { requestWithdrawal } from "@plimsoll/sdk/actions/requestWithdrawal";
import { signOrder } from "@plimsoll/sdk/actions/signOrder";
import { trade } from "@plimsoll/sdk/actions/trade";
import { type WaitForAccountParameters, waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { waitForMessage } from "@plimsoll/sdk/actions/waitForMessage";
import { watchMessage } from "@plimsoll/sdk/actions/watchMessage";
import { whatIf } from "@plimsoll/sdk/actions/whatIf";
import { createPlimsoll, type Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { getChain, getMarket } from "@plimsoll/sdk/deployment";
import { AllotmentExceeded, GrossLimitExceeded, WithdrawalNotApproved } from "@plimsoll/sdk/errors/contract";
import { UnknownAccount } from "@plimsoll/sdk/errors/node";
import { marginOf } from "@plimsoll/sdk/units/marginOf";
import { parseUsd } from "@plimsoll/sdk/units/parseUsd";
import { plimsollChains } from "@plimsoll/sdk/wallet/plimsollChains";
import { privateKeyConnector } from "@plimsoll/sdk/wallet/privateKeyConnector";
import { type Config, type Connector, connect, createConfig } from "@wagmi/core";
import { parseUnits } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLiquidator } from "../src/system/liquidator.ts";
import { type System, startSystem } from "../src/system/system.ts";

let system: System;
let devnet: Devnet;
let plimsoll: Plimsoll;
let config: Config;
let alice: Connector;
let maker: Connector;

const usdc = (amount: string) => parseUnits(amount, 6);
const bitcoin = nameToId("BTC-PERP");

beforeAll(async () => {
  const [alder = 0, birch = 0, cedar = 0, one = 0, two = 0, three = 0] = await freePorts(6);
  system = await startSystem({ ports: { chains: [alder, birch, cedar], operators: [one, two, three] } });
  devnet = system.devnet;
  const nodes = system.operators.map(({ url }) => url);
  plimsoll = await createPlimsoll({ nodes, pollIntervalMilliseconds: 200, timeoutMilliseconds: 30_000 });
  const { accounts, deployment } = devnet;
  config = createConfig({
    ...plimsollChains(
      plimsoll.deployment,
      Object.fromEntries(deployment.chains.map(({ eid, rpcUrl }) => [eid, rpcUrl])),
    ),
    connectors: [accounts.alice, accounts.maker].map(({ privateKey }) => privateKeyConnector({ privateKey })),
    pollingInterval: 100,
  });
  const [first, second] = config.connectors;
  if (first === undefined || second === undefined) throw new TypeError("two connectors");
  [alice, maker] = [first, second];
  await connect(config, { connector: maker });
  await connect(config, { connector: alice });
});

afterAll(async () => {
  await system?.stop();
});

const chain = (name: string) => getChain(plimsoll.deployment, name);
const token = (name: string) => {
  const found = devnet.deployment.tokens.find(({ eid, symbol }) => eid === chain(name).eid && symbol === "USDC");
  return found?.address ?? "0x";
};
const aliceAccount = () => makeAccountId(devnet.accounts.alice.address);
const makerAccount = () => makeAccountId(devnet.accounts.maker.address);

/** Bob's: what the example prints, and nothing if it fails. */
async function runExample(): Promise<string> {
  const path = fileURLToPath(import.meta.resolve("../../sdk/examples/trader.ts"));
  const { stdout } = await promisify(execFile)(process.execPath, [path], {
    env: {
      ...process.env,
      PRIVATE_KEY: devnet.accounts.bob.privateKey,
      NODES: system.operators.map(({ url }) => url).join(","),
      RPC_URLS: devnet.deployment.chains.map((one) => `${one.name}=${one.rpcUrl}`).join(","),
    },
  });
  return stdout;
}

/** Alice trades with the maker; a positive size buys. */
async function tradeWithMaker(name: string, size: bigint, limitPrice: bigint) {
  const order = { eid: chain(name).eid, instrument: bitcoin, limitPrice };
  return trade(config, plimsoll, {
    taker: await signOrder(config, plimsoll, { ...order, size }),
    maker: await signOrder(config, plimsoll, { ...order, size: -size, connector: maker }),
    size: size < 0n ? -size : size,
  });
}

/** Epochs come as fast as the machine allows. */
const patienceMs = 240_000;
const waitForIt = (what: WaitForAccountParameters) =>
  waitForAccount(plimsoll, { timeoutMilliseconds: patienceMs, ...what });

const allottedOn = (...names: string[]) => ({
  predicate: ({ portfolios }: Awaited<ReturnType<typeof getAccount>>) =>
    names.every((name) =>
      portfolios.some(({ eid, allotment }) => eid === chain(name).eid && (allotment?.grossLimit ?? 0n) > 0n),
    ),
});

describe("with three operators' nodes", () => {
  let example: Promise<string>;

  test("error: UnknownAccount, before the first deposit", async () => {
    await expect(getAccount(plimsoll, { account: aliceAccount() })).rejects.toThrow(UnknownAccount);
    example = runExample();
  });

  test("default: collateral on alder backs a position on birch and its hedge on cedar", async () => {
    await deposit(config, plimsoll, {
      eid: chain("birch").eid,
      asset: token("birch"),
      amount: usdc("900000"),
      connector: maker,
    });
    const { guid, account } = await deposit(config, plimsoll, {
      eid: chain("alder").eid,
      asset: token("alder"),
      amount: usdc("100000"),
    });
    if (guid === null) throw new TypeError("a message");

    const seen: string[] = [];
    watchMessage(plimsoll, { guid, onChange: ({ status }) => seen.push(status), pollIntervalMilliseconds: 50 });
    const message = await waitForMessage(plimsoll, { guid, timeoutMilliseconds: patienceMs });
    expect(message).toMatchObject({ account, srcEid: chain("alder").eid, dstEid: chain("birch").eid });
    expect(seen[0]).not.toBe("delivered");

    const funded = await waitForIt({ account, ...allottedOn("birch", "cedar") });
    // Half of it can leave without operators until there is a position.
    expect(funded.collateral[0]?.exitTotal).toBe(usdc("50000"));
    // Half a per cent haircut, of what counts against a depth of two billion.
    expect(funded.base).toBe(parseUsd("99495.02524873"));
    await waitForIt({ account: makerAccount(), ...allottedOn("birch", "cedar") });

    const price = parseUsd("121554.55");
    const size = parseUsd("0.5");
    const long = await tradeWithMaker("birch", size, price);
    const short = await tradeWithMaker("cedar", -size, price);
    expect([long.price, short.price]).toEqual([price, price]);

    const hedged = await waitForIt({
      account,
      predicate: ({ portfolios }) => portfolios.every(({ positions }) => positions.length === 1),
    });
    expect(hedged.portfolios.map(({ positions }) => positions[0]?.size)).toEqual([size, -size]);
    expect(hedged.collateral[0]?.exitTotal).toBe(0n);
    expect(marginOf(hedged).free).toBeGreaterThan(0n);
    expect((await getEpoch(plimsoll))?.signers.length).toBeGreaterThanOrEqual(2);
  });

  test("default: what the portfolio needs, what it would need in pieces, and what else fits", async () => {
    const { eid } = chain("birch");
    const account = await getAccount(plimsoll, { account: aliceAccount() });
    const supposed = { eid, consumer: getMarket(plimsoll.deployment, eid), instrument: bitcoin };
    const { margin, isolated, largest, afterChanges, liquidation } = await whatIf(plimsoll, {
      account: aliceAccount(),
      changes: [{ kind: "trade", ...supposed, size: parseUsd("-0.5") }],
      largest: [supposed],
      liquidation: nameToId("BTC"),
    });
    expect(margin.initialMargin).toBe(account.initialMargin);
    // Long here and short there: apart they need thousands, together next to nothing.
    expect(isolated.saving).toBeGreaterThan(parseUsd("5000"));
    expect(afterChanges?.initialMargin).toBeGreaterThan(margin.initialMargin);
    expect(largest?.map(({ side }) => side)).toEqual(["buy", "sell"]);
    expect(liquidation[0]?.nearest.every(({ downBps, upBps }) => (downBps ?? upBps) === undefined)).toBe(true);
    const unknown = { ...supposed, instrument: nameToId("NOTHING") };
    const refused = whatIf(plimsoll, { account: aliceAccount(), largest: [unknown] });
    await expect(refused).rejects.toMatchObject({ code: "impossible-question" });
  });

  test("behavior: the example for traders runs, beside it", async () => {
    const output = await example;
    expect(output).toMatch(/^deposited 50000 USDC in block \d+ of alder\ndelivered to the hub in block \d+\n/);
    expect(output).toMatch(/\nbought 0.10 BTC at 121,554.55, checked at epoch \d+\nworth 49,7/);
    expect(output).toMatch(/\nrefused: [\d,.]+ USD too much in scenario \d+.*\npaid 1000 USDC to 0x/);
  });

  test("error: a position beyond the collateral is refused, with the reason", async () => {
    const refused = await tradeWithMaker("birch", parseUsd("5"), parseUsd("121554.55")).catch(
      (error: unknown) => error,
    );
    expect(refused instanceof AllotmentExceeded || refused instanceof GrossLimitExceeded).toBe(true);
    expect(refused).toMatchObject({ account: aliceAccount() });
  });

  test("behavior: an account that falls below maintenance is sold in part by the bot, for a profit", async () => {
    const account = makeAccountId(devnet.accounts.alice.address, 1n);
    const liquidator = await startLiquidator(system);
    try {
      await keepForExit(config, plimsoll, { account, keep: "nothing" });
      await deposit(config, plimsoll, {
        eid: chain("birch").eid,
        asset: token("birch"),
        amount: usdc("10000"),
        account,
      });
      await waitForIt({ account, ...allottedOn("birch", "cedar") });
      const price = parseUsd("121554.55");
      for (const name of ["birch", "cedar"]) {
        const order = { eid: chain(name).eid, instrument: bitcoin, limitPrice: price };
        const size = parseUsd("0.135");
        await trade(config, plimsoll, {
          taker: await signOrder(config, plimsoll, { ...order, size, account }),
          maker: await signOrder(config, plimsoll, { ...order, size: -size, connector: maker }),
          size,
          attempts: 8,
        });
      }
      await devnet.feeds.setPrice("BTC", (price * 80n) / 100n);
      const fallen = await waitForIt({
        account,
        what: "the account to be liquidatable",
        predicate: ({ status }) => status === "liquidatable",
      });
      const [book] = (await getLiquidations(plimsoll)).filter((one) => one.account === account);
      expect(book?.gross).toBeGreaterThan(book?.grossLimit ?? 0n);
      const saved = await waitForIt({
        account,
        what: "the account to have recovered",
        predicate: ({ base, maintenanceMargin }) => base >= maintenanceMargin,
      });
      // What was paid is the discount: a small part of what was at risk.
      expect(saved.base).toBeGreaterThan((fallen.base * 9n) / 10n);
      const sizes = saved.portfolios.flatMap(({ positions }) => positions.map(({ size }) => size));
      expect(sizes.reduce((sum, size) => sum + size, 0n)).toBeGreaterThan(0n);
      const taken = await waitForIt({
        account: liquidator.account,
        what: "the bot to hold what it took",
        predicate: ({ portfolios }) => portfolios.some(({ positions }) => positions.length > 0),
      });
      const profit = taken.portfolios.reduce(
        (sum, { cash, positions }) => positions.reduce((worth, { value }) => worth + value, sum + cash),
        0n,
      );
      expect(profit).toBeGreaterThan(parseUsd("5"));
      const metrics = await (await fetch(liquidator.metricsUrl() ?? "")).text();
      expect(metrics).toMatch(/^plimsoll_liquidator_actions_total\{chain="(birch|cedar)",action="taken"\} [1-9]/m);
      expect(metrics).toMatch(/^plimsoll_liquidator_discounts_usd_total\{chain="(birch|cedar)"\} [1-9]/m);
    } finally {
      await liquidator.stop();
    }
  });

  test("behavior: with one operator dead, the others approve and prove a withdrawal", async () => {
    await system.operators[0]?.kill();
    const [eid, asset] = [chain("alder").eid, token("alder")];
    await requestWithdrawal(config, plimsoll, { eid, asset, amount: usdc("99999") });
    const tooMuch = claimWithdrawal(config, plimsoll, { eid, asset });
    await expect(tooMuch).rejects.toThrow(WithdrawalNotApproved);

    const { requestedTotal } = await requestWithdrawal(config, plimsoll, { eid, asset, amount: usdc("1000") });
    await waitForIt({
      account: aliceAccount(),
      what: "the withdrawal to be approved",
      predicate: ({ collateral }) => collateral.some((one) => one.eid === eid && one.approvedTotal === requestedTotal),
    });
    expect(await claimWithdrawal(config, plimsoll, { eid, asset })).toMatchObject({ amount: usdc("1000") });
  });
});
