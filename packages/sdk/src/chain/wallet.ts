import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { ownerOf } from "@plimsoll/protocol/account";
import type { AccountId } from "@plimsoll/protocol/ids";
import { type Config, type Connector, getConnection, switchChain } from "@wagmi/core";
import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import type { DeployedChain } from "../deployment.ts";
import { ChainNotConfigured, NotAccountOwner, WalletNotConnected } from "../errors/wallet.ts";

/** Who signs: a connected wagmi connector and its first address. */
export interface Wallet {
  readonly address: Address;
  readonly connector: Connector;
}

/**
 * The wallet of `connector`, or of the config's current connection.
 * @throws {WalletNotConnected}
 */
export async function getWallet(config: Config, connector?: Connector): Promise<Wallet> {
  if (connector === undefined) {
    const connection = getConnection(config);
    if (connection.address === undefined || connection.connector === undefined) throw new WalletNotConnected();
    return { address: connection.address, connector: connection.connector };
  }
  let addresses: readonly Address[];
  try {
    addresses = await connector.getAccounts();
  } catch (cause) {
    throw new WalletNotConnected({ cause });
  }
  const [address] = addresses;
  if (address === undefined) throw new WalletNotConnected();
  return { address, connector };
}

/** @throws {NotAccountOwner} */
export function checkOwner(account: AccountId, wallet: Wallet): void {
  const owner = ownerOf(account);
  if (owner !== wallet.address.toLowerCase()) throw new NotAccountOwner(account, owner, wallet.address);
}

/**
 * The account's owner, or a delegate that the market knows: whoever may sign and cancel orders there.
 * @throws {NotAccountOwner}
 */
export async function checkMayTrade(
  client: Client,
  { market, account, wallet }: { market: Address; account: AccountId; wallet: Wallet },
): Promise<void> {
  const owner = ownerOf(account);
  if (owner === wallet.address.toLowerCase()) return;
  const untilSeconds = await readContract(client, {
    abi: derivativeMarketAbi,
    address: market,
    functionName: "delegateUntil",
    args: [account, wallet.address],
  });
  if (untilSeconds * 1000n <= Date.now()) throw new NotAccountOwner(account, owner, wallet.address);
}

/**
 * Asks a wallet that is on one chain at a time to change to `chain`. A connector that makes its own clients (such as
 * `privateKeyConnector`) has one for every chain and is left alone: changing it would disturb calls under way.
 */
export async function selectChain(config: Config, wallet: Wallet, chain: DeployedChain): Promise<void> {
  if (!config.chains.some(({ id }) => id === chain.chainId)) throw new ChainNotConfigured(chain.name, chain.chainId);
  if (wallet.connector.getClient !== undefined) return;
  if ((await wallet.connector.getChainId()) === chain.chainId) return;
  await switchChain(config, { chainId: chain.chainId, connector: wallet.connector });
}
