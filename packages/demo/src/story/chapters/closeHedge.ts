import { setWeights } from "@plimsoll/sdk/actions/setWeights";
import { watchAccount } from "@plimsoll/sdk/actions/watchAccount";
import { AllotmentExceeded } from "@plimsoll/sdk/errors/contract";
import type { Account } from "@plimsoll/sdk/node/accountSchema";
import { accountOf, aliceTrades, type Cast } from "../cast.ts";
import { creditOn, roomOn, sizeOn, usd } from "../figures.ts";
import type { Narrator } from "../narrator.ts";
import { hedged } from "./netting.ts";

/** The hedge on cedar is what pays for the long on birch: it may go only after capacity has come in its place. */
export async function closeHedgeChapter(cast: Cast, narrator: Narrator, priceE8: bigint): Promise<void> {
  const { plimsoll, alice, birch, cedar } = cast;
  narrator.chapter(
    "Closing the hedge too early, and in time",
    "Cedar must keep the short's gain, until birch's share has shrunk and cedar's grown: two epochs.",
  );
  const close = { on: cedar, size: hedged, priceE8 };
  const refusal = await aliceTrades(cast, close).then(
    () => null,
    (error: unknown) => error,
  );
  narrator.check(
    refusal instanceof AllotmentExceeded,
    refusal instanceof AllotmentExceeded
      ? `closing the short now is refused: in scenario ${refusal.scenario} it gives up ${usd(refusal.excess)} of gain that birch relies on`
      : `closing the short now must be refused, but: ${refusal}`,
  );

  const seen = new Map<number, Account>();
  const unwatch = watchAccount(plimsoll, {
    account: alice.account,
    onChange: (account) => seen.set(account.epoch, account),
  });
  await setWeights(alice.config, plimsoll, { account: alice.account, weights: [{ eid: cedar.eid, weight: 1 }] });
  const moved = await narrator.during(
    "capacity moving from birch to cedar",
    accountOf(cast, {
      account: alice.account,
      what: "capacity on cedar in place of the hedge",
      predicate: (account) => (creditOn(account, cedar) ?? -1n) >= 0n,
    }),
  );
  unwatch();
  const lowered = [...seen.values()].find((account) => (roomOn(account, birch) ?? 1n) <= account.worst / 100n);
  narrator.check(
    lowered !== undefined && lowered.epoch < moved.epoch,
    `alice wants all her capacity on cedar: epoch ${lowered?.epoch} lowers birch, and once birch has posted it epoch ${moved.epoch} raises cedar`,
  );
  const { receipt } = await narrator.during("closing", aliceTrades(cast, close));
  narrator.check(receipt.status === "success", `closing the short is allowed now: cedar block ${receipt.blockNumber}`);
  await setWeights(alice.config, plimsoll, { account: alice.account, weights: [] });
  const after = await narrator.during(
    "the next epoch",
    accountOf(cast, {
      account: alice.account,
      what: "the hedge to be gone",
      predicate: (account) => sizeOn(account, cedar) === 0n && (roomOn(account, birch) ?? 0n) > 0n,
    }),
  );
  narrator.say(
    `alice is long bitcoin without a hedge: initial margin ${usd(after.initialMargin)} of ${usd(after.base)}`,
  );
}
