import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import type { ConsumerWeight } from "@plimsoll/protocol/state";
import { type Address, decodeEventLog, type Hex, toEventSelector } from "viem";
import { eventAbi, lower, type RawLog } from "./log.ts";

/** A vault's report arrived at the hub. */
export interface CollateralReported {
  readonly type: "ledger-totals";
  readonly vaultEid: Eid;
  readonly account: AccountId;
  readonly sequence: bigint;
  readonly totals: readonly { readonly asset: Address; readonly deposited: bigint; readonly withdrawn: bigint }[];
}

/** An owner said how to share free capacity; an empty list goes back to the default. */
export interface WeightsSet {
  readonly type: "weights";
  readonly account: AccountId;
  readonly weights: readonly ConsumerWeight[];
}

const abi = eventAbi(collateralLedgerAbi, ["CollateralReported", "WeightsSet"]);

export const ledgerTopics: readonly Hex[] = abi.map((event) => toEventSelector(event));

export function decodeLedger(log: RawLog): CollateralReported | WeightsSet {
  const { eventName, args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
  switch (eventName) {
    case "CollateralReported":
      return {
        type: "ledger-totals",
        vaultEid: args.eid,
        account: lower(args.account),
        sequence: args.sequence,
        totals: args.totals.map((total) => ({ ...total, asset: lower(total.asset) })),
      };
    case "WeightsSet":
      return {
        type: "weights",
        account: lower(args.account),
        weights: args.weights.map((weight) => ({ ...weight, consumer: lower(weight.consumer) })),
      };
  }
}
