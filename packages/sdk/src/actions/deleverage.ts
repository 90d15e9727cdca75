import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { accountStatus } from "@plimsoll/protocol/epoch";
import type { AccountId, InstrumentId } from "@plimsoll/protocol/ids";
import type { Config } from "@wagmi/core";
import { encodeFunctionData, parseEventLogs } from "viem";
import { backstopOf } from "../chain/backstopOf.ts";
import {
  type BookParameters,
  type CallLiquidationErrorType,
  gasHeadroom,
  type LiquidationReceipt,
  placeOf,
} from "../chain/callLiquidation.ts";
import { withPostedProofs } from "../chain/postedProofs.ts";
import { sendCall } from "../chain/sendCall.ts";
import type { Plimsoll } from "../createPlimsoll.ts";
import { fetchDeleverageProofs } from "../node/fetchDeleverageProofs.ts";

export interface DeleverageParameters extends BookParameters {
  /** Of the account's whole book there: 1e18 is all. */
  readonly fraction: bigint;
  /** Leaves of so many from the head of the queue are proven, 0 to 32; 16 by default. Closing a book takes few, each of which costs gas. */
  readonly counterparties?: number | undefined;
}

/** One position closed against one account. */
export interface Deleveraged {
  readonly counterparty: AccountId;
  readonly instrument: InstrumentId;
  /** Units that left the account, with its sign, 8 decimals. */
  readonly size: bigint;
  /** What the counterparty gave up of the mark, USD with 8 decimals. */
  readonly paid: bigint;
}

export interface DeleverageReturnType extends LiquidationReceipt {
  readonly closed: readonly Deleveraged[];
}

export type DeleverageErrorType = CallLiquidationErrorType;

/**
 * Closes a part of an insolvent account's book against the most profitable accounts on the other side, at mark less their
 * share of what the account owes beyond what it has. Only where the backstop cannot take it, or there is none. Anybody may.
 *
 * @throws {ContractRefused} with `errorName` "BackstopHasRoom": use `takeOver`; "MissingAccount": prove more
 * counterparties or close less; "NotInsolvent" if the account is not; "NothingToMove" if nobody is left to close against
 * @throws {NodeProblem} with code "no-queue" if the account is not insolvent or nobody is on the other side
 * @throws {StaleProof} if epochs kept overtaking the proofs
 * @example
 * const { closed } = await deleverage(config, plimsoll, { eid: birch.eid, account, fraction: 10n ** 18n });
 */
export async function deleverage(
  config: Config,
  plimsoll: Plimsoll,
  parameters: DeleverageParameters,
): Promise<DeleverageReturnType> {
  const { account, fraction, counterparties, attempts } = parameters;
  const { chain, client, wallet, market, liquidation } = await placeOf(config, plimsoll, parameters);
  const backstop = await backstopOf(client, liquidation);
  const accounts = backstop === null ? [] : [backstop];
  const abi = marketLiquidationAbi;
  return withPostedProofs(
    config,
    plimsoll,
    {
      ...{ chain, client, wallet, attempts },
      fetch: (at) =>
        fetchDeleverageProofs(plimsoll, { eid: chain.eid, market, account, accounts, counterparties, ...at }),
      suffices: ({ accounts: leaves }) =>
        leaves.some((leaf) => leaf.account === account.toLowerCase() && leaf.status === accountStatus.insolvent),
    },
    async ({ attestation, leaf, proof, ...proofs }) => {
      const data = encodeFunctionData({
        abi,
        functionName: "deleverage",
        args: [account, fraction, leaf, proof, proofs],
      });
      const receipt = await sendCall(config, { chain, wallet, to: liquidation, data, gasHeadroom });
      const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === liquidation.toLowerCase());
      const closed = parseEventLogs({ abi, eventName: "Deleveraged", logs }).map(({ args }) => ({
        counterparty: args.counterparty,
        instrument: args.instrument,
        size: args.size,
        paid: args.paid,
      }));
      return { receipt, liquidation, epoch: attestation.header.epoch, closed };
    },
  );
}
