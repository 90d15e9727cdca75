import { makeAccountId } from "@plimsoll/protocol/account";
import { createPlimsoll } from "@plimsoll/sdk/createPlimsoll";
import { isTransient } from "@plimsoll/sdk/errors/node";
import { PlimsollError } from "@plimsoll/sdk/errors/plimsollError";
import { plimsollChains } from "@plimsoll/sdk/wallet/plimsollChains";
import { privateKeyConnector } from "@plimsoll/sdk/wallet/privateKeyConnector";
import { connect, createConfig } from "@wagmi/core";
import type { Logger } from "pino";
import { privateKeyToAddress } from "viem/accounts";
import { systemClock } from "../clock.ts";
import { exitCodes, RelayerError } from "../errors.ts";
import type { LiquidatorConfig } from "./config.ts";
import { createLiquidator } from "./liquidator.ts";

/** The liquidator cannot begin. */
export class LiquidatorError extends RelayerError {
  override readonly name = "LiquidatorError";

  constructor(cause: PlimsollError) {
    const exitCode = isTransient(cause) ? exitCodes.restartMe : exitCodes.fixSomething;
    super(cause.message, { code: "liquidator", hint: cause.hint, cause, exitCode });
  }
}

/**
 * Watches and bids until stopped.
 *
 * @throws LiquidatorError where no node answers, or a chain of the deployment has no RPC endpoint
 * @example
 * await runLiquidator(loadLiquidatorConfig("liquidator.toml", process.env), log, signal);
 */
export async function runLiquidator(config: LiquidatorConfig, log: Logger, signal: AbortSignal): Promise<void> {
  const { nodes, pollMs, privateKey, subaccount } = config;
  const liquidator = await prepare().catch((error: unknown) => {
    throw error instanceof PlimsollError ? new LiquidatorError(error) : error;
  });
  await liquidator.run(signal);

  async function prepare() {
    const plimsoll = await createPlimsoll({ nodes, pollIntervalMilliseconds: Math.min(1_000, pollMs) });
    const rpcUrls = Object.fromEntries(Object.entries(config.chains).map(([name, { rpcUrl }]) => [name, rpcUrl]));
    const wallets = createConfig({
      ...plimsollChains(plimsoll.deployment, rpcUrls),
      connectors: [privateKeyConnector({ privateKey })],
      pollingInterval: Math.min(1_000, pollMs),
    });
    const [connector] = wallets.connectors;
    if (connector !== undefined) await connect(wallets, { connector });
    const taker = makeAccountId(privateKeyToAddress(privateKey), BigInt(subaccount));
    log.info({ taker, chains: plimsoll.deployment.chains.map(({ name }) => name) }, "liquidator started");
    return createLiquidator({ policy: config, plimsoll, wallets, taker, clock: systemClock, log });
  }
}
