import { z } from "zod";
import { overridden } from "../override.ts";
import type { SenderPolicy } from "./policy.ts";

const weiPerGwei = 10n ** 9n;
/** Nine digits after the point: finer than anybody budgets. */
const gweiOf = (amount: number): bigint => BigInt(Math.round(amount * 1e9));

const fields = {
  /** Most that is ever paid for a unit of gas, gwei. Above it the node waits. */
  maxFeeGwei: z.number().positive(),
  /** Least and most paid on top of the base fee, gwei. */
  minPriorityFeeGwei: z.number().nonnegative(),
  maxPriorityFeeGwei: z.number().positive(),
  /** By how much a replacement pays more; nodes take nothing below 10. */
  replacementPercent: z.number().int().min(10).max(100),
  replaceAfterMs: z.number().int().min(100),
  rebroadcastMs: z.number().int().min(100),
  /** Most spent in any 24 hours, in the chain's native coin; without it there is no limit. */
  dailyBudget: z.number().positive(),
  /** Of that, most spent on reports of other people's deposits, LayerZero's fees among it. */
  dailyReportBudget: z.number().nonnegative(),
  /** Below this balance, in the native coin, there is an alarm. */
  lowBalance: z.number().nonnegative(),
};

/** What transactions may cost, for all chains and for each. */
export const gasSchema = z.strictObject({
  maxFeeGwei: fields.maxFeeGwei.default(300),
  minPriorityFeeGwei: fields.minPriorityFeeGwei.default(0.001),
  maxPriorityFeeGwei: fields.maxPriorityFeeGwei.default(5),
  replacementPercent: fields.replacementPercent.default(12),
  replaceAfterMs: fields.replaceAfterMs.default(30_000),
  rebroadcastMs: fields.rebroadcastMs.default(15_000),
  dailyBudget: fields.dailyBudget.optional(),
  dailyReportBudget: fields.dailyReportBudget.default(0.01),
  lowBalance: fields.lowBalance.default(0.01),
  /** A chain's own, by its name. */
  chains: z
    .record(
      z.string(),
      z.strictObject({
        maxFeeGwei: fields.maxFeeGwei.optional(),
        minPriorityFeeGwei: fields.minPriorityFeeGwei.optional(),
        maxPriorityFeeGwei: fields.maxPriorityFeeGwei.optional(),
        replacementPercent: fields.replacementPercent.optional(),
        replaceAfterMs: fields.replaceAfterMs.optional(),
        rebroadcastMs: fields.rebroadcastMs.optional(),
        dailyBudget: fields.dailyBudget.optional(),
        dailyReportBudget: fields.dailyReportBudget.optional(),
        lowBalance: fields.lowBalance.optional(),
      }),
    )
    .default({}),
});

export type GasConfig = z.output<typeof gasSchema>;

/** What holds on one chain, in wei. */
export function senderPolicyOn({ chains, ...all }: GasConfig, chain: string, pollMs: number): SenderPolicy {
  const own = overridden(all, chains[chain]);
  const { maxFeeGwei, minPriorityFeeGwei, maxPriorityFeeGwei, dailyBudget, dailyReportBudget, lowBalance, ...rest } =
    own;
  const wei = (coins: number): bigint => gweiOf(coins) * weiPerGwei;
  return {
    ...rest,
    pollMs,
    maxFeePerGasWei: gweiOf(maxFeeGwei),
    minPriorityFeeWei: gweiOf(minPriorityFeeGwei),
    maxPriorityFeeWei: gweiOf(maxPriorityFeeGwei),
    dailyBudgetWei: dailyBudget === undefined ? null : wei(dailyBudget),
    dailyReportBudgetWei: wei(dailyReportBudget),
    lowBalanceWei: wei(lowBalance),
  };
}
