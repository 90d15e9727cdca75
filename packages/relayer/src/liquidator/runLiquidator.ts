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
import { serveRegistry } from "../metrics/serveRegistry.ts";
import type { LiquidatorConfig } from "./config.ts";
import { sdkEffects } from "./effects.ts";
import { createLiquidator } from "./liquidator.ts";
import { createLiquidatorMetrics } from "./metrics.ts";

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
 * @throws ListenError where the metrics' port is taken
 * @example
 * await runLiquidator(loadLiquidatorConfig("liquidator.toml", process.env), log, signal);
 */
export async function runLiquidator(config: LiquidatorConfig, log: Logger, signal: AbortSignal): Promise<void> {
  const { metrics: address, nodes, pollMs, privateKey, subaccount } = config;
  const { plimsoll, wallets } = await prepare().catch((error: unknown) => {
    throw error instanceof PlimsollError ? new LiquidatorError(error) : error;
  });
  const chainNames = new Map(plimsoll.deployment.chains.map(({ eid, name }) => [eid, name]));
  const metrics = createLiquidatorMetrics({ defaults: true, chains: [...chainNames.values()] });
  const server = address === undefined ? null : await serveRegistry(metrics.registry, address);
  const taker = makeAccountId(privateKeyToAddress(privateKey), BigInt(subaccount));
  const effects = sdkEffects(plimsoll, wallets, taker);
  const { observe: onEvent } = metrics;
  const liquidator = createLiquidator({ policy: config, chainNames, effects, clock: systemClock, log, onEvent });
  log.info({ taker, chains: [...chainNames.values()], metrics: server?.url ?? null }, "liquidator started");
  await liquidator.run(signal);
  await server?.close();

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
    return { plimsoll, wallets };
  }
}
