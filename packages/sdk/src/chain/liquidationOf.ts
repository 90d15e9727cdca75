import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { Address, Client } from "viem";
import { readContract } from "viem/actions";

const known = new WeakMap<Client, Map<Address, Address>>();

/** The contract through which a market's accounts are liquidated. A market has the same one for ever. */
export async function liquidationOf(client: Client, market: Address): Promise<Address> {
  const ofClient = known.get(client) ?? new Map<Address, Address>();
  known.set(client, ofClient);
  const before = ofClient.get(market);
  if (before !== undefined) return before;
  const liquidation = await readContract(client, {
    abi: derivativeMarketAbi,
    address: market,
    functionName: "liquidation",
  });
  ofClient.set(market, liquidation);
  return liquidation;
}
