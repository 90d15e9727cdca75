import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import type { AccountId } from "@plimsoll/protocol/ids";
import { type Address, decodeEventLog, type Hex, toEventSelector } from "viem";
import { eventAbi, lower, type RawLog } from "./log.ts";

/** New totals of one asset of one account at a vault. What is absent stayed as it was. */
export interface VaultTotalsChanged {
  readonly type: "vault-totals";
  readonly account: AccountId;
  readonly asset: Address;
  readonly deposited?: bigint;
  readonly withdrawn?: bigint;
  readonly requestedTotal?: bigint;
}

const abi = eventAbi(collateralVaultAbi, ["Deposited", "Withdrawn", "WithdrawalRequested"]);

export const vaultTopics: readonly Hex[] = abi.map((event) => toEventSelector(event));

export function decodeVault(log: RawLog): VaultTotalsChanged {
  const { eventName, args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
  const key = { type: "vault-totals", account: lower(args.account), asset: lower(args.asset) } as const;
  switch (eventName) {
    case "Deposited":
      return { ...key, deposited: args.deposited };
    case "Withdrawn":
      return { ...key, withdrawn: args.withdrawn };
    case "WithdrawalRequested":
      return { ...key, requestedTotal: args.requestedTotal };
  }
}
