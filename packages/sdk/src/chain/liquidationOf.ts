import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import {
  type Address,
  BaseError,
  type Client,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
} from "viem";
import { readContract } from "viem/actions";
import { NoLiquidation } from "../errors/contract.ts";

const known = new WeakMap<Client, Map<Address, Address>>();

/**
 * The contract through which a market's accounts are liquidated. A market has the same one for ever.
 * @throws {NoLiquidation} if the consumer says that it has none: it is a credit line, say
 */
export async function liquidationOf(client: Client, market: Address): Promise<Address> {
  const ofClient = known.get(client) ?? new Map<Address, Address>();
  known.set(client, ofClient);
  const before = ofClient.get(market);
  if (before !== undefined) return before;
  const contract = { abi: derivativeMarketAbi, address: market } as const;
  const liquidation = await readContract(client, { ...contract, functionName: "liquidation" }).catch(
    (error: unknown) => {
      // Not remembered: an RPC may say so of a market that it has not got yet.
      if (error instanceof BaseError && error.walk(isNoSuchFunction) !== null)
        throw new NoLiquidation(market, { cause: error });
      throw error;
    },
  );
  ofClient.set(market, liquidation);
  return liquidation;
}

const isNoSuchFunction = (error: unknown): boolean =>
  error instanceof ContractFunctionZeroDataError || error instanceof ContractFunctionRevertedError;
