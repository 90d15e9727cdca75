import type { ChainAddressKey } from "@plimsoll/protocol/ids";
import type { StateAtCut } from "@plimsoll/protocol/state";
import type { AccountReport } from "@plimsoll/protocol/transition/account";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import { violated } from "./vaults.ts";
import type { Violation } from "./violation.ts";

/** USD with 8 decimals for an amount of an asset, without haircut, rounded down. */
export type Worth = (key: ChainAddressKey, amount: bigint) => bigint;

/** At a state's prices, which on this devnet are those of every state. */
export const worthAt =
  ({ hub: { risk, prices } }: StateAtCut): Worth =>
  (key, amount) => {
    const asset = risk.assets.get(key);
    const priceE8 = (asset && prices.get(asset.underlying)?.priceE8) ?? 0n;
    return (amount * priceE8) / 10n ** BigInt(asset?.decimals ?? 0);
  };

/**
 * Accounts that an epoch lets lose, where prices stand, and leave with by exit, more together than they have: the very
 * collateral that may leave is allotted too. What the allotments rest on is less than what is reckoned with here, by
 * haircuts and buffer, so only collateral counted twice is found.
 */
export function exitsBesideAllotments(
  { epoch, accounts }: Pick<TransitionResult, "epoch" | "accounts">,
  worth: Worth,
): Violation[] {
  return [...accounts].flatMap(([account, report]) => {
    const { allotted, exits, has } = sumsOf(report, worth);
    const where = `epoch ${epoch.header.epoch}, account ${account}`;
    const detail = `may lose ${allotted} and leave with ${exits}, and has ${has}`;
    return violated(exits > 0n && allotted + exits > has, "exit-beside-allotment", where, detail);
  });
}

function sumsOf({ collateral, consumers }: Pick<AccountReport, "collateral" | "consumers">, worth: Worth) {
  let [allotted, exits, has] = [0n, 0n, 0n];
  for (const { allotment } of consumers) allotted += allotment?.losses[0] ?? 0n;
  for (const { eid, asset, counted, approvedTotal, exitTotal } of collateral) {
    exits += worth(`${eid}:${asset}`, exitTotal - approvedTotal);
    has += worth(`${eid}:${asset}`, counted);
  }
  return { allotted, exits, has };
}
