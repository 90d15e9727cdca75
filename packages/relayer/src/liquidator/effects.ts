import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import { deleverage } from "@plimsoll/sdk/actions/deleverage";
import { endAuction } from "@plimsoll/sdk/actions/endAuction";
import { getAccount } from "@plimsoll/sdk/actions/getAccount";
import { type Auction, getAuction } from "@plimsoll/sdk/actions/getAuction";
import { getLiquidations } from "@plimsoll/sdk/actions/getLiquidations";
import { liquidate } from "@plimsoll/sdk/actions/liquidate";
import { startAuction } from "@plimsoll/sdk/actions/startAuction";
import { takeOver } from "@plimsoll/sdk/actions/takeOver";
import type { Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { getChain } from "@plimsoll/sdk/deployment";
import { UnknownAccount } from "@plimsoll/sdk/errors/node";
import type { Account } from "@plimsoll/sdk/node/accountSchema";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import { connect, disconnect, type Config as Wallets } from "@wagmi/core";
import type { Address, TransactionReceipt } from "viem";
import { getBalance, getGasPrice } from "viem/actions";

/** Whose book it is, and where. */
export interface Place {
  readonly eid: Eid;
  readonly market: Address;
  readonly account: AccountId;
}

/** What a transaction cost. */
export interface Spent {
  readonly gas: bigint;
  readonly feeWei: bigint;
}

/** All that the bot asks of nodes and chains, and sends. Transactions resolve once they are in a block. */
export interface Effects {
  /** Rejects where no node answers. */
  books(): Promise<readonly Liquidation[]>;
  /** The account that takes positions over; null before an epoch counts its first deposit. */
  taker(): Promise<Account | null>;
  gasPriceWei(eid: Eid): Promise<bigint>;
  /** What the key has to pay gas with. */
  balanceWei(eid: Eid): Promise<bigint>;
  auction(place: Place): Promise<Auction | null>;
  start(place: Place): Promise<Spent>;
  /** `discount`: what was paid, USD with 8 decimals. */
  take(place: Place, terms: { fraction: bigint; leastDiscount: bigint }): Promise<Spent & { discount: bigint }>;
  end(place: Place): Promise<Spent>;
  /** `loss`: what the backstop paid beyond the mark, USD with 8 decimals. */
  takeOver(place: Place, fraction: bigint): Promise<Spent & { loss: bigint }>;
  /** `closed`: how many positions, each against one account. */
  deleverage(place: Place, fraction: bigint): Promise<Spent & { closed: number }>;
  /** Nonces begin anew at what the chains say. */
  reconnect(): Promise<void>;
}

/**
 * The effects on real nodes and chains.
 *
 * @param wallets With the wallet that bids connected.
 * @example
 * const effects = sdkEffects(plimsoll, wallets, taker);
 */
export function sdkEffects(plimsoll: Plimsoll, wallets: Wallets, taker: AccountId): Effects {
  const clientOf = (eid: Eid) => {
    const { chainId } = getChain(plimsoll.deployment, eid);
    return wallets.getClient({ chainId });
  };
  const [connector] = wallets.connectors;
  return {
    books: () => getLiquidations(plimsoll),
    taker: () =>
      getAccount(plimsoll, { account: taker }).catch((error: unknown) => {
        if (error instanceof UnknownAccount) return null;
        throw error;
      }),
    gasPriceWei: (eid) => getGasPrice(clientOf(eid)),
    async balanceWei(eid) {
      const [address] = (await connector?.getAccounts()) ?? [];
      return address === undefined ? 0n : getBalance(clientOf(eid), { address });
    },
    auction: (place) => getAuction(wallets, plimsoll, place),
    start: async (place) => spentOf((await startAuction(wallets, plimsoll, place)).receipt),
    async take(place, terms) {
      const { discount, receipt } = await liquidate(wallets, plimsoll, { ...place, ...terms, taker });
      return { discount, ...spentOf(receipt) };
    },
    end: async (place) => spentOf((await endAuction(wallets, plimsoll, place)).receipt),
    async takeOver(place, fraction) {
      const { loss, receipt } = await takeOver(wallets, plimsoll, { ...place, fraction });
      return { loss, ...spentOf(receipt) };
    },
    async deleverage(place, fraction) {
      const { closed, receipt } = await deleverage(wallets, plimsoll, { ...place, fraction });
      return { closed: closed.length, ...spentOf(receipt) };
    },
    async reconnect() {
      if (connector === undefined) return;
      await disconnect(wallets, { connector });
      await connect(wallets, { connector });
    },
  };
}

function spentOf({ gasUsed, effectiveGasPrice }: TransactionReceipt): Spent {
  return { gas: gasUsed, feeWei: gasUsed * effectiveGasPrice };
}
