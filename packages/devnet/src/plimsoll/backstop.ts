import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { makeAccountId } from "@plimsoll/protocol/account";
import { type Address, encodeFunctionData } from "viem";
import type { Chain } from "../chains/anvil.ts";
import { startBatch } from "../transactions.ts";

/**
 * Makes an account the backstop of a market: its owner names it, and the account's owner accepts. Both are accounts that
 * anvil has the key of.
 *
 * @throws {TransactionFailed}
 * @example
 * await nameBackstop(chain, market, deployer.address, backstop.address);
 */
export async function nameBackstop(chain: Chain, market: Address, owner: Address, backstop: Address): Promise<void> {
  const liquidation = await chain.client.readContract({
    abi: derivativeMarketAbi,
    address: market,
    functionName: "liquidation",
  });
  const abi = marketLiquidationAbi;
  const named = await startBatch(chain, owner);
  const args = [makeAccountId(backstop)] as const;
  named.call(
    "MarketLiquidation.nameBackstop",
    liquidation,
    encodeFunctionData({ abi, functionName: "nameBackstop", args }),
  );
  await named.settle();
  const accepted = await startBatch(chain, backstop);
  accepted.call(
    "MarketLiquidation.acceptBackstop",
    liquidation,
    encodeFunctionData({ abi, functionName: "acceptBackstop" }),
  );
  await accepted.settle();
}
