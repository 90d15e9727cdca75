import type { ChainConfig } from "@plimsoll/indexer/config";
import { type Address, formatEther, formatGwei } from "viem";
import type { Config } from "../config.ts";
import { postingOn } from "../posting/config.ts";
import { gasPerPost, mostPostsPerDay, postingCostWei, postsPerDay } from "../posting/cost.ts";
import { senderPolicyOn } from "../transactions/config.ts";
import { type Finding, looking, well, wrong } from "./finding.ts";
import { readerOf } from "./reader.ts";

/** A mark that moves as ether does in a lively year. */
const assumedVolatility = 0.8;

type Chain = Pick<ChainConfig, "name" | "rpcUrls" | "pollMs"> & {
  readonly contracts: Pick<ChainConfig["contracts"], "consumers">;
};
type Costs = Pick<Config, "node" | "posting" | "gas">;

/**
 * What the posting policy costs a day at this moment's gas price, while no account changes and if some does in every
 * epoch; and whether this key's balance, the fee cap and the day's budget are enough for a day of the first. All operators
 * share the cost; each must be able to bear it alone.
 */
export async function checkGas(chain: Chain, { node, posting, gas }: Costs, me: Address): Promise<Finding[]> {
  const { name, contracts } = chain;
  const reader = readerOf(chain);
  const { heartbeatSeconds, deviationBps } = postingOn(posting, name);
  const policy = senderPolicyOn(gas, name, chain.pollMs);
  // Marks are nobody's business where no consumer is: only the heartbeat is left.
  const [annualVolatility, why] =
    contracts.consumers.length === 0
      ? [0, `heartbeat ${heartbeatSeconds} s, no consumer`]
      : [
          assumedVolatility,
          `heartbeat ${heartbeatSeconds} s, ${deviationBps} bps at ${assumedVolatility * 100} % a year`,
        ];
  const posts = postsPerDay({
    heartbeatSeconds,
    deviationBps,
    epochIntervalMs: node.epochIntervalMs,
    annualVolatility,
  });
  const most = mostPostsPerDay(node.epochIntervalMs);
  const costWei = (count: number, gasPriceWei: bigint) => postingCostWei(count, gasPerPost, gasPriceWei);

  const cost = looking(`${name}: posting`, async () => {
    const gasPriceWei = await reader.getGasPrice();
    const aDay = costWei(posts, gasPriceWei);
    const subject =
      `${name}: posting takes about ${Math.ceil(posts)} posts a day (${why}), ${coins(aDay)} of the native coin at ` +
      `${gwei(gasPriceWei)} gwei, shared by all operators; ${coins(costWei(most, gasPriceWei))} if accounts change in each of ` +
      `${Math.ceil(most)} epochs`;
    if (gasPriceWei > policy.maxFeePerGasWei) {
      const problem = `gas costs ${gwei(gasPriceWei)} gwei, more than maxFeeGwei allows: ${gwei(policy.maxFeePerGasWei)}`;
      return wrong(`${name}: posting`, problem, `Raise [gas.chains.${name}] maxFeeGwei, or wait.`);
    }
    if (policy.dailyBudgetWei !== null && policy.dailyBudgetWei < aDay) {
      const problem = `dailyBudget ${coins(policy.dailyBudgetWei)} is less than a day of posting: ${coins(aDay)}`;
      const hint = `Raise [gas.chains.${name}] dailyBudget or [posting.chains.${name}] heartbeatSeconds and deviationBps.`;
      return wrong(`${name}: posting`, problem, hint);
    }
    return well(subject);
  });

  const balance = looking(`${name}: gas`, async () => {
    const [wei, gasPriceWei] = await Promise.all([reader.getBalance({ address: me }), reader.getGasPrice()]);
    const aDay = costWei(posts, gasPriceWei);
    const hint = `Send native currency to ${me}: without it this node cannot post.`;
    const has = `${me} has ${coins(wei)}`;
    if (wei === 0n) return wrong(`${name}: gas`, `${me} has none`, hint);
    if (wei < policy.lowBalanceWei) {
      return wrong(`${name}: gas`, `${has}, less than lowBalance ${coins(policy.lowBalanceWei)}`, hint);
    }
    if (wei < aDay) return wrong(`${name}: gas`, `${has}, not enough for a day of posting: ${coins(aDay)}`, hint);
    return well(`${name}: gas: ${has}${aDay === 0n ? "" : `, ${wei / aDay} days of posting alone`}`);
  });
  return await Promise.all([cost, balance]);
}

/** For people: four digits say enough. */
const short = (text: string): string =>
  Number(text).toLocaleString("en", { maximumSignificantDigits: 4, useGrouping: false });
const coins = (wei: bigint): string => short(formatEther(wei));
const gwei = (wei: bigint): string => short(formatGwei(wei));
