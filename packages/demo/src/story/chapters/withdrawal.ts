import { setTimeout as sleep } from "node:timers/promises";
import { claimWithdrawal } from "@plimsoll/sdk/actions/claimWithdrawal";
import { getAccount } from "@plimsoll/sdk/actions/getAccount";
import { getEpoch } from "@plimsoll/sdk/actions/getEpoch";
import { requestWithdrawal } from "@plimsoll/sdk/actions/requestWithdrawal";
import { WithdrawalNotApproved } from "@plimsoll/sdk/errors/contract";
import { parseUsd } from "@plimsoll/sdk/units/parseUsd";
import { formatUnits, parseUnits } from "viem";
import { accountOf, aliceTrades, bitcoin, type Cast } from "../cast.ts";
import { portfolioOn, sizeOn, usd } from "../figures.ts";
import type { Narrator } from "../narrator.ts";
import { hedged } from "./netting.ts";

const tooMuch = parseUnits("40000", 6);
const modest = parseUnits("10000", 6);
const kept = parseUsd("0.4");
/** So many epochs may pass over a request that breaks the account without approving it. */
const epochsWithout = 3;

/** What the positions need stays; what is free is paid, by proof. */
export async function withdrawalChapter(cast: Cast, narrator: Narrator): Promise<void> {
  const { plimsoll, alice, alder, birch, usdc } = cast;
  narrator.chapter(
    "Getting out",
    "Operators approve what the account stays solvent without; the vault pays against a proof.",
  );
  const where = { eid: alder.eid, asset: usdc.alder };

  const asked = await requestWithdrawal(alice.config, plimsoll, { ...where, amount: tooMuch });
  const before = await getAccount(plimsoll, { account: alice.account });
  narrator.say(
    `alice asks for 40,000 USDC, alder block ${asked.receipt.blockNumber}; the account is worth ${usd(before.base)} and needs ${usd(before.initialMargin)}`,
  );
  await narrator.during("some epochs", epochsPast(cast, Number(asked.receipt.blockNumber), epochsWithout));
  const refused = await claimWithdrawal(alice.config, plimsoll, where).then(
    () => null,
    (error: unknown) => error,
  );
  narrator.check(
    refused instanceof WithdrawalNotApproved && refused.approvedTotal === 0n,
    `${epochsWithout} epochs later it is not approved: the account would not survive without it`,
  );

  const mark = portfolioOn(before, birch)?.positions.find(({ instrument }) => instrument === bitcoin)?.mark ?? 0n;
  const { receipt } = await narrator.during(
    "reducing",
    aliceTrades(cast, { on: birch, size: kept - hedged, priceE8: mark }),
  );
  narrator.say(
    `alice sells ${formatUnits(hedged - kept, 8)} BTC of her long, as an account that may only reduce can: birch block ${receipt.blockNumber}`,
  );
  await requestWithdrawal(alice.config, plimsoll, { ...where, amount: modest });
  const approved = await narrator.during(
    "approval",
    accountOf(cast, {
      account: alice.account,
      what: "the withdrawal to be approved",
      predicate: (account) =>
        account.collateral.some(({ approvedTotal }) => approvedTotal >= modest) && sizeOn(account, birch) === kept,
    }),
  );
  narrator.check(
    approved.worst >= 0n,
    `10,000 USDC approved in epoch ${approved.epoch}: without them the account is worth ${usd(approved.base)} and needs ${usd(approved.initialMargin)}`,
  );
  const paid = await narrator.during("claiming", claimWithdrawal(alice.config, plimsoll, where));
  narrator.check(
    paid.amount === modest,
    `paid ${formatUnits(paid.amount, 6)} USDC to alice by proof, alder block ${paid.receipt.blockNumber}`,
  );
  const again = await claimWithdrawal(alice.config, plimsoll, where).then(
    () => null,
    (error: unknown) => error,
  );
  narrator.check(again instanceof WithdrawalNotApproved, "the same proof pays nothing a second time");
}

/** Waits for so many attested epochs whose cut holds alder's block. */
async function epochsPast({ plimsoll, alder }: Cast, block: number, count: number): Promise<void> {
  const seen = new Set<string>();
  while (seen.size < count) {
    const epoch = await getEpoch(plimsoll);
    const cut = epoch?.cut.find(({ eid }) => eid === alder.eid);
    if (epoch?.attested && cut !== undefined && cut.number >= block) seen.add(String(epoch.header.epoch));
    await sleep(200);
  }
}
