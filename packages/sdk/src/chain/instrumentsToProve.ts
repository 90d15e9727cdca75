import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { AccountId, InstrumentId } from "@plimsoll/protocol/ids";
import type { Address, Client } from "viem";
import { readContract } from "viem/actions";

/** What a market wants priced: the instruments traded and all that any of the accounts holds there, ascending by id. */
export async function instrumentsToProve(
  client: Client,
  parameters: { market: Address; accounts: readonly AccountId[]; instruments: readonly InstrumentId[] },
): Promise<InstrumentId[]> {
  const { market, accounts, instruments } = parameters;
  const held = await Promise.all(
    accounts.map((account) =>
      readContract(client, {
        abi: derivativeMarketAbi,
        address: market,
        functionName: "instruments",
        args: [account],
      }),
    ),
  );
  // Lowercase hexadecimal of one length sorts as the numbers do.
  return [...new Set([...instruments, ...held.flat()].map((id) => id.toLowerCase() as InstrumentId))].sort();
}
