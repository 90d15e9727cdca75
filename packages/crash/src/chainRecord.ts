import { mapInTurn, readerOf, wholeHistory } from "@plimsoll/chaos/checker/reader";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import type { Deployment } from "@plimsoll/devnet/deployment";
import type { Hex } from "viem";

/** What the liquidation contracts' events say of one account, over all chains. USD with 8 decimals. */
export interface AccountRecord {
  readonly sales: number;
  readonly discount: bigint;
  readonly takenOver: number;
  /** Paid for it by the backstop. */
  readonly backstopLoss: bigint;
  readonly deleveraged: number;
  /** Paid for it by those it was closed against. */
  readonly deleveragingLoss: bigint;
}

export const noRecord: AccountRecord = {
  sales: 0,
  discount: 0n,
  takenOver: 0,
  backstopLoss: 0n,
  deleveraged: 0,
  deleveragingLoss: 0n,
};

/** Reads every market's liquidations from the chains alone, by account. */
export async function readRecords(deployment: Deployment): Promise<Map<Hex, AccountRecord>> {
  const records = new Map<Hex, AccountRecord>();
  const add = (account: Hex, change: (before: AccountRecord) => Partial<AccountRecord>) => {
    const before = records.get(account) ?? noRecord;
    records.set(account, { ...before, ...change(before) });
  };
  for (const chain of deployment.chains) {
    const reader = await readerOf(chain);
    await mapInTurn(chain.contracts.consumers, async (market) => {
      const address = await reader.client.readContract({
        address: market,
        abi: derivativeMarketAbi,
        functionName: "liquidation",
      });
      const query = { address, abi: marketLiquidationAbi, ...wholeHistory(reader), strict: true } as const;
      for (const { args } of await reader.client.getContractEvents({ ...query, eventName: "Liquidated" })) {
        add(args.account, ({ sales, discount }) => ({ sales: sales + 1, discount: discount + args.discount }));
      }
      for (const { args } of await reader.client.getContractEvents({ ...query, eventName: "TakenOver" })) {
        add(args.account, ({ takenOver, backstopLoss }) => ({
          takenOver: takenOver + 1,
          backstopLoss: backstopLoss + args.loss,
        }));
      }
      for (const { args } of await reader.client.getContractEvents({ ...query, eventName: "Deleveraged" })) {
        add(args.account, ({ deleveraged, deleveragingLoss }) => ({
          deleveraged: deleveraged + 1,
          deleveragingLoss: deleveragingLoss + args.paid,
        }));
      }
    });
  }
  return records;
}
