import type { AnvilFailed } from "../errors.ts";
import { type Chain, startAnvil } from "./anvil.ts";
import { startGuardian } from "./guardian.ts";
import type { ChainPlan } from "./topology.ts";

/** Several anvils that live and end together. */
export interface Chains {
  readonly chains: readonly Chain[];
  /** Resolves with the first anvil that ends without having been asked to. */
  readonly failed: Promise<AnvilFailed>;
  stop(): Promise<void>;
}

/**
 * Starts an anvil for every plan; if one fails to start, none is left running.
 *
 * @throws {DevnetPortBusy | AnvilMissing | AnvilFailed}
 * @example
 * const { chains, stop } = await startChains(devnetChains);
 */
export async function startChains(plans: readonly ChainPlan[]): Promise<Chains> {
  let dismiss = () => {};
  /** One guardian for all; after a restart another one, that knows the new process. */
  const guard = () => {
    const dismissFormer = dismiss;
    dismiss = startGuardian(chains.map((chain) => chain.pid()));
    dismissFormer();
  };
  const started = await Promise.allSettled(plans.map((plan) => startAnvil(plan, guard)));
  const chains = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const refused = started.find((result) => result.status === "rejected");
  if (refused) {
    await Promise.allSettled(chains.map((chain) => chain.stop()));
    throw refused.reason;
  }
  guard();
  return {
    chains,
    failed: Promise.race(chains.map((chain) => chain.failed)),
    stop: async () => {
      await Promise.allSettled(chains.map((chain) => chain.stop()));
      dismiss();
    },
  };
}

/**
 * From one block a transaction to one block every `intervalSeconds`.
 *
 * @example
 * await mineOnInterval(chain, 1);
 */
export async function mineOnInterval(chain: Chain, intervalSeconds: number): Promise<void> {
  await chain.client.setAutomine(false);
  await chain.client.setIntervalMining({ interval: intervalSeconds });
}
