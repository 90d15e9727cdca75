import { setWeights } from "@plimsoll/sdk/actions/setWeights";
import { AllotmentExceeded, TransactionReverted } from "@plimsoll/sdk/errors/contract";
import { parseUsd } from "@plimsoll/sdk/units/parseUsd";
import { accountOf, aliceTrades, type Cast } from "../cast.ts";
import { roomOn, sizeOn, usd } from "../figures.ts";
import type { Narrator } from "../narrator.ts";
import { hedged } from "./netting.ts";

const size = parseUsd("0.95");

/** Named, so that neither is simulated first: both are mined. */
const gas = 2_000_000n;

/** The same free collateral, asked of two chains in the same second. */
export async function doubleSpendChapter(cast: Cast, narrator: Narrator, priceE8: bigint): Promise<void> {
  const { plimsoll, alice, birch, cedar } = cast;
  narrator.chapter(
    "The same collateral, twice at once",
    "Each chain knows how much it may let the account lose; neither has to ask the other.",
  );
  await setWeights(alice.config, plimsoll, {
    account: alice.account,
    weights: [
      { eid: birch.eid, weight: 3 },
      { eid: cedar.eid, weight: 1 },
    ],
  });
  const shared = await narrator.during(
    "capacity moving to birch",
    accountOf(cast, {
      account: alice.account,
      what: "three quarters of the free capacity on birch",
      predicate: (account) => (roomOn(account, birch) ?? 0n) > (account.worst * 6n) / 10n,
    }),
  );
  narrator.say(
    `alice wants three quarters of her free ${usd(shared.worst)} on birch: room for ${usd(roomOn(shared, birch) ?? 0n)} there, ${usd(roomOn(shared, cedar) ?? 0n)} on cedar`,
  );
  const [onBirch, onCedar] = await Promise.allSettled([
    aliceTrades(cast, { on: birch, size, priceE8, gas }),
    aliceTrades(cast, { on: cedar, size, priceE8, gas }),
  ]);
  narrator.check(
    onBirch.status === "fulfilled",
    `sent together: 0.95 BTC long on birch goes through${onBirch.status === "fulfilled" ? `, block ${onBirch.value.receipt.blockNumber}` : ""}`,
  );
  const refusal: unknown = onCedar.status === "rejected" ? onCedar.reason : null;
  const mined =
    refusal instanceof AllotmentExceeded ? refusal.walk((cause) => cause instanceof TransactionReverted) : null;
  narrator.check(
    mined instanceof TransactionReverted,
    refusal instanceof AllotmentExceeded && mined instanceof TransactionReverted
      ? `and on cedar the contract refuses, in transaction ${mined.hash.slice(0, 10)}…: in scenario ${refusal.scenario} it would lose ${usd(refusal.excess)} more than it may there`
      : `and on cedar the contract must refuse, but: ${refusal}`,
  );
  const after = await narrator.during(
    "the next epoch",
    accountOf(cast, {
      account: alice.account,
      what: "the trade to be in an epoch",
      predicate: (account) => sizeOn(account, birch) === hedged + size,
    }),
  );
  narrator.check(after.worst >= 0n, `whole account in its worst scenario: ${usd(after.worst)}, not below zero`);
  await aliceTrades(cast, { on: birch, size: -size, priceE8 });
  await accountOf(cast, {
    account: alice.account,
    predicate: (account) => sizeOn(account, birch) === hedged,
  });
  narrator.say("alice sells them again");
}
