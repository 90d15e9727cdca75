import { loadLiquidatorConfig } from "../liquidator/config.ts";
import { createLog } from "../log.ts";
import { createScrub, secretPartsOf } from "../scrub.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";

const configHelp = `
The file:
  nodes = ["https://operator.example"]     # operators' APIs: asked in turn
  [bidding]
  closingBps = 20        # what closing a position costs, of its notional, in basis points
  minimumProfit = 5      # USD of each bid, once gas and closing are paid
  [chains.base]          # every chain of the deployment, by its name
  rpcUrl = "https://rpc.example"
  nativeUsd = 4000       # what the coin that gas is paid in is worth

  [metrics]              # Prometheus, on a port of its own; without it there are no metrics
  port = 9465

Also: subaccount (0), pollMs (3000), logLevel ("info"), and unpaid (true): call takeovers, deleveraging and the ends of
auctions too, which pay nothing. docs/LIQUIDATION.md says what a bid has to bring.

Environment:
  PLIMSOLL_LIQUIDATOR_KEY    the key that bids, owns the account that takes positions, and pays gas; needs collateral
  PLIMSOLL_RPC_URL_<NAME>    RPC URL of a chain, where it holds a secret
${exitCodesHelp}`;

/** `plimsoll liquidator`: buys what has to be sold, for a profit. */
export const addLiquidator: AddCommand = (program) => {
  program
    .command("liquidator")
    .description(
      "Watch for accounts to be liquidated, start their auctions, and take positions when the discount pays for gas and for closing them. Needs no node of its own and no operator's key.",
    )
    .requiredOption("--config <file>", "the liquidator's TOML file")
    .addHelpText("after", configHelp)
    .addHelpText("after", examples("PLIMSOLL_LIQUIDATOR_KEY=0x… plimsoll liquidator --config liquidator.toml"))
    .action(({ config }: { config: string }) => liquidator(config));
};

async function liquidator(path: string): Promise<void> {
  const config = loadLiquidatorConfig(path, process.env);
  const { chains, nodes, privateKey, logLevel } = config;
  const urls = [...nodes, ...Object.values(chains).map(({ rpcUrl }) => rpcUrl)];
  const log = createLog(logLevel, {}, createScrub([privateKey.slice(2), ...urls.flatMap(secretPartsOf)]));
  const stopping = new AbortController();
  // A transaction on its way may be left to itself: a second signal ends the wait for it.
  let signals = 0;
  const onSignal = () => {
    signals++;
    if (signals > 1) process.exit(0);
    stopping.abort();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  // Loaded only now: the other commands need not wait for it.
  const { runLiquidator } = await import("../liquidator/runLiquidator.ts");
  await runLiquidator(config, log, stopping.signal);
  log.info("liquidator stopped");
  process.exit(0);
}
