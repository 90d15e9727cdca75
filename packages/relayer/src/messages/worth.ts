import type { AssetPrice } from "@plimsoll/indexer/assetPrices";
import type { UnreportedCollateral } from "@plimsoll/indexer/unreported";
import type { ChainAddressKey } from "@plimsoll/protocol/ids";

/**
 * What an account's unreported deposits are worth, USD with 8 decimals, rounded down. What is no collateral, or has no
 * price, is worth nothing: it would count for nothing, too.
 */
export const worthAt =
  (prices: ReadonlyMap<ChainAddressKey, AssetPrice>) =>
  ({ eid, amounts }: Pick<UnreportedCollateral, "eid" | "amounts">): bigint =>
    amounts.reduce((sum, { asset, amount }) => {
      const { priceE8 = 0n, decimals = 0 } = prices.get(`${eid}:${asset}`) ?? {};
      return sum + (amount * priceE8) / 10n ** BigInt(decimals);
    }, 0n);
