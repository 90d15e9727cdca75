import { setWeights } from "@plimsoll/sdk/actions/setWeights";
import { parseUsd } from "@plimsoll/sdk/units/parseUsd";
import { formatUnits } from "viem";
import { accountOf, aliceTradesOnceAllowed, type Cast } from "../cast.ts";
import { marginAlone, portfolioOn, sizeOn, usd } from "../figures.ts";
import type { Narrator } from "../narrator.ts";

/** One leg: what half of alice's free collateral bears, so that each chain's share is enough for it. */
const leg = parseUsd("0.65");
export const hedged = 2n * leg;

/** A long on birch and its hedge on cedar, leg by leg, with collateral that never left alder. */
export async function nettingChapter(cast: Cast, narrator: Narrator, priceE8: bigint): Promise<void> {
  const { plimsoll, alice, birch, cedar } = cast;
  narrator.chapter(
    "A position on birch, its hedge on cedar",
    "What one chain gains pays for what the other loses, in the same scenario.",
  );
  await setWeights(alice.config, plimsoll, {
    account: alice.account,
    weights: [
      { eid: birch.eid, weight: 1 },
      { eid: cedar.eid, weight: 1 },
    ],
  });
  narrator.say("alice wants all of her capacity, shared evenly between the two: nothing is kept for an exit any more");
  const legs = [
    { on: birch, size: leg, text: "long 0.65 BTC on birch" },
    { on: cedar, size: -leg, text: "short 0.65 BTC on cedar, its hedge" },
    { on: birch, size: leg, text: "long 0.65 BTC more on birch, which the first pair has made room for" },
    { on: cedar, size: -leg, text: "short 0.65 BTC more on cedar" },
  ];
  for (const { on, size, text } of legs) {
    const { receipt, price, epoch } = await narrator.during(text, aliceTradesOnceAllowed(cast, { on, size, priceE8 }));
    narrator.check(
      receipt.status === "success",
      `${text}, at ${usd(price)}: ${on.name} block ${receipt.blockNumber}, checked against epoch ${epoch}`,
    );
    if (text === legs[0]?.text)
      narrator.say(`first cross-chain position ${process.uptime().toFixed(0)} s after the start`);
  }
  const account = await accountOf(cast, {
    account: alice.account,
    predicate: (view) => sizeOn(view, birch) === hedged && sizeOn(view, cedar) === -hedged,
  });
  const alone = [birch, cedar].map((chain) => {
    const portfolio = portfolioOn(account, chain);
    return portfolio ? marginAlone(portfolio) : 0n;
  });
  const sum = alone.reduce((total, each) => total + each, 0n);
  narrator.say(
    `alone, ${formatUnits(hedged, 8)} BTC long needs ${usd(alone[0] ?? 0n)} and the short ${usd(alone[1] ?? 0n)}: ${usd(sum)} in all`,
  );
  narrator.check(
    account.initialMargin < sum && sum > account.base,
    `as one portfolio they need ${usd(account.initialMargin)}: ${usd(sum - account.initialMargin)} saved, and apart ${usd(account.base)} could not have backed them`,
  );
  narrator.check(
    account.collateral.length === 1 && account.collateral[0]?.held === account.collateral[0]?.counted,
    "the collateral never left alder",
  );
}
