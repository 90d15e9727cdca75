import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DevnetAccount } from "@plimsoll/devnet/accounts";
import { startGuardian } from "@plimsoll/devnet/chains/guardian";
import { nameBackstop } from "@plimsoll/devnet/plimsoll/backstop";
import { makeAccountId } from "@plimsoll/protocol/account";
import type { AccountId } from "@plimsoll/protocol/ids";
import { renderConfig } from "@plimsoll/relayer/config";
import type { LiquidatorConfigInput } from "@plimsoll/relayer/liquidator/config";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { keepForExit } from "@plimsoll/sdk/actions/keepForExit";
import { waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { createPlimsoll } from "@plimsoll/sdk/createPlimsoll";
import { parseUnits } from "viem";
import { connectTrader } from "../story/cast.ts";
import { type NodeProcess, startNodeProcess } from "./nodeProcess.ts";
import type { System } from "./system.ts";

export interface LiquidatorOptions {
  /** Of the bot's account, USDC. */
  readonly dollars?: number;
  /** Of the backstop's, USDC. */
  readonly backstopDollars?: number;
}

/** The bot as a process of its own. */
export interface Liquidator extends NodeProcess {
  readonly account: AccountId;
  readonly backstop: AccountId;
  /** Where Prometheus would ask, as its log says; null before it has begun. */
  metricsUrl(): string | null;
}

const pollMs = 1_000;
/** Seconds on an idle machine; a busy one takes its time. */
const allotmentDeadlineMs = 300_000;

/**
 * Gives a liquidator and a backstop collateral on the hub, makes the one every market's backstop, and starts
 * `plimsoll liquidator` with the other's key.
 *
 * @example
 * const bot = await startLiquidator(system);
 * await bot.stop();
 */
export async function startLiquidator(
  system: System,
  { dollars = 3_000_000, backstopDollars = 1_000_000 }: LiquidatorOptions = {},
): Promise<Liquidator> {
  const { devnet, operators, directory } = system;
  const { accounts, deployment, chains } = devnet;
  const nodes = operators.map(({ url }) => url);
  const plimsoll = await createPlimsoll({ nodes, pollIntervalMilliseconds: 200 });
  const rpcUrls = Object.fromEntries(deployment.chains.map(({ name, rpcUrl }) => [name, rpcUrl]));
  const usdc = deployment.tokens.find(({ eid, symbol }) => symbol === "USDC" && eid === hubOf(system));

  async function fund(account: DevnetAccount, amount: number): Promise<AccountId> {
    const { config } = await connectTrader(plimsoll, rpcUrls, account);
    const id = makeAccountId(account.address);
    if (usdc === undefined) return id;
    const { eid, address, decimals } = usdc;
    // What is kept for exit takes over nothing.
    await keepForExit(config, plimsoll, { account: id, keep: "nothing" });
    await deposit(config, plimsoll, { eid, asset: address, amount: parseUnits(String(amount), decimals) });
    const what = `the ${account.name}'s allotments`;
    await waitForAccount(plimsoll, {
      account: id,
      what,
      timeoutMilliseconds: allotmentDeadlineMs,
      predicate: ({ portfolios }) =>
        portfolios.length > 0 && portfolios.every(({ allotment }) => (allotment?.grossLimit ?? 0n) > 0n),
    });
    return id;
  }

  async function nameEverywhere(): Promise<void> {
    const naming = chains.map(async (chain) => {
      // Of a chain's consumers the first is its market; others have nothing to be liquidated through.
      const [market] = deployment.chains.find(({ eid }) => eid === chain.eid)?.contracts.consumers ?? [];
      if (market === undefined) return;
      await nameBackstop(chain, market, accounts.deployer.address, accounts.backstop.address);
    });
    await Promise.all(naming);
  }

  const [account, backstop] = await Promise.all([
    fund(accounts.liquidator, dollars),
    // One after the other: on the hub both send from the backstop's account, and one nonce serves one transaction.
    nameEverywhere().then(() => fund(accounts.backstop, backstopDollars)),
  ]);
  const config: LiquidatorConfigInput = {
    nodes,
    pollMs,
    metrics: { port: 0 },
    chains: Object.fromEntries(deployment.chains.map(({ name, rpcUrl }) => [name, { rpcUrl }])),
  };
  const configFile = join(directory, "liquidator.toml");
  writeFileSync(configFile, renderConfig(config));
  const { name, privateKey } = accounts.liquidator;
  const args = ["liquidator", "--config", configFile];
  const environment = { PLIMSOLL_LIQUIDATOR_KEY: privateKey };
  const logFile = join(directory, `${name}.log`);
  const started = startNodeProcess(name, args, environment, logFile);
  const dismiss = startGuardian([started.pid]);
  return {
    ...started,
    account,
    backstop,
    metricsUrl: () => /"metrics":"(http[^"]+)"/.exec(readFileSync(logFile, "utf8"))?.[1] ?? null,
    async stop() {
      await started.stop();
      dismiss();
    },
  };
}

const hubOf = ({ devnet }: System): number => devnet.deployment.chains.find(({ hub }) => hub)?.eid ?? 0;
