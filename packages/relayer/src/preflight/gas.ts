import type { ChainConfig } from "@plimsoll/indexer/config";
import { type Address, formatEther, formatGwei } from "viem";
import type { Config } from "../config.ts";
import { postingOn } from "../posting/config.ts";
import { gasPerPost, postingCostWei, postsPerDay } from "../posting/cost.ts";
import { senderPolicyOn } from "../transactions/config.ts";
import { type Finding, looking, well, wrong } from "./finding.ts";
import { readerOf } from "./reader.ts";

/** A mark that moves as ether does in a lively year. */
const assumedVolatility = 0.8;

type Costs = Pick<Config, "node" | "posting" | "gas">;

/**
 * What the posting policy costs a day at this moment's gas price, and whether this key's balance, the fee cap and the
 * day's budget are enough for a day of it. All operators share the cost; each must be able to bear it alone.
 */
export async function checkGas(
  chain: Pick<ChainConfig, "name" | "rpcUrls" | "pollMs">,
  { node, posting, gas }: Costs,
  me: Address,
): Promise<Finding[]> {
  const { name } = chain;
  const reader = readerOf(chain);
  const { heartbeatSeconds, deviationBps } = postingOn(posting, name);
  const policy = senderPolicyOn(gas, name, chain.pollMs);
  const rate = { heartbeatSeconds, deviationBps, epochIntervalMs: node.epochIntervalMs };
  const posts = postsPerDay({ ...rate, annualVolatility: assumedVolatility });
  const costWei = async () => postingCostWei(posts, gasPerPost, await reader.getGasPrice());

  const cost = looking(`${name}: posting`, async () => {
    const gasPriceWei = await reader.getGasPrice();
    const aDay = postingCostWei(posts, gasPerPost, gasPriceWei);
    const subject =
      `${name}: posting takes about ${Math.ceil(posts)} posts a day (heartbeat ${heartbeatSeconds} s, ${deviationBps} bps ` +
      `at ${assumedVolatility * 100} % a year), ${formatEther(aDay)} of the native coin at ${formatGwei(gasPriceWei)} gwei, ` +
      "shared by all operators; more when accounts change";
    if (gasPriceWei > policy.maxFeePerGasWei) {
      const problem = `gas costs ${formatGwei(gasPriceWei)} gwei, more than maxFeeGwei allows: ${formatGwei(policy.maxFeePerGasWei)}`;
      return wrong(`${name}: posting`, problem, `Raise [gas.chains.${name}] maxFeeGwei, or wait.`);
    }
    if (policy.dailyBudgetWei !== null && policy.dailyBudgetWei < aDay) {
      const problem = `dailyBudget ${formatEther(policy.dailyBudgetWei)} is less than a day of posting: ${formatEther(aDay)}`;
      const hint = `Raise [gas.chains.${name}] dailyBudget or [posting.chains.${name}] heartbeatSeconds and deviationBps.`;
      return wrong(`${name}: posting`, problem, hint);
    }
    return well(subject);
  });

  const balance = looking(`${name}: gas`, async () => {
    const [wei, aDay] = await Promise.all([reader.getBalance({ address: me }), costWei()]);
    const hint = `Send native currency to ${me}: without it this node cannot post.`;
    const has = `${me} has ${formatEther(wei)}`;
    if (wei === 0n) return wrong(`${name}: gas`, `${me} has none`, hint);
    if (wei < policy.lowBalanceWei) {
      return wrong(`${name}: gas`, `${has}, less than lowBalance ${formatEther(policy.lowBalanceWei)}`, hint);
    }
    if (wei < aDay) return wrong(`${name}: gas`, `${has}, not enough for a day of posting: ${formatEther(aDay)}`, hint);
    return well(`${name}: gas`);
  });
  return await Promise.all([cost, balance]);
}
