import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import type { AccountId } from "@plimsoll/protocol/ids";
import type { Address, Client } from "viem";
import { readContract } from "viem/actions";

/** The account that takes over insolvent ones; null where the market has none. */
export async function backstopOf(client: Client, liquidation: Address): Promise<AccountId | null> {
  const backstop = await readContract(client, {
    abi: marketLiquidationAbi,
    address: liquidation,
    functionName: "backstop",
  });
  return BigInt(backstop) === 0n ? null : (backstop.toLowerCase() as AccountId);
}
