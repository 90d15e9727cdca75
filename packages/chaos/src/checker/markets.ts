import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import type { Address, Hex } from "viem";
import { type ChainReader, mapInTurn, wholeHistory } from "./reader.ts";
import { sum, violated } from "./vaults.ts";
import type { Violation } from "./violation.ts";

/** In every market of the chain, what one account has another owes: cash and positions add up to nothing. */
export async function checkMarkets(reader: ChainReader): Promise<Violation[]> {
  const found = await mapInTurn(reader.chain.contracts.consumers, (market) => checkMarket(reader, market));
  return found.flat();
}

async function checkMarket(reader: ChainReader, market: Address): Promise<Violation[]> {
  const { chain, client, blockNumber } = reader;
  const contract = { address: market, abi: derivativeMarketAbi } as const;
  const changes = await client.getContractEvents({
    ...contract,
    ...wholeHistory(reader),
    eventName: "PortfolioChanged",
    strict: true,
  });
  const accounts = [...new Set(changes.map(({ args }) => args.account))];
  const cash = await mapInTurn(accounts, (account) =>
    client.readContract({ ...contract, functionName: "cash", args: [account], blockNumber }),
  );
  // Every pair that ever was, not only what the book lists now: a position that it forgot would be missed.
  const instruments = [...new Set(changes.map(({ args }) => args.instrument))];
  const where = `${chain.name}, market ${market}`;
  const total = sum(cash);
  const positions = await mapInTurn(instruments, async (instrument) => {
    const sizes = await mapInTurn(accounts, (account: Hex) =>
      client.readContract({ ...contract, functionName: "position", args: [account, instrument], blockNumber }),
    );
    const open = sum(sizes);
    return violated(open !== 0n, "market-sums-to-zero", where, `positions in ${instrument} sum to ${open}`);
  });
  return [...violated(total !== 0n, "market-sums-to-zero", where, `cash sums to ${total}`), ...positions.flat()];
}
