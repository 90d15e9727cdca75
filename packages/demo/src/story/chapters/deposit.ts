import { deposit } from "@plimsoll/sdk/actions/deposit";
import { getAccount } from "@plimsoll/sdk/actions/getAccount";
import { waitForMessage } from "@plimsoll/sdk/actions/waitForMessage";
import { formatUnits, parseUnits } from "viem";
import { accountOf, type Cast, patienceMs } from "../cast.ts";
import { creditOn, usd } from "../figures.ts";
import type { Narrator } from "../narrator.ts";

const makerDollars = parseUnits("3000000", 6);
const aliceDollars = parseUnits("48000", 6);

/** The maker's collateral, on the hub: reported by a direct call, without a message. */
export async function depositForMaker(cast: Cast): Promise<void> {
  const { plimsoll, maker, birch, cedar, usdc } = cast;
  await deposit(maker.config, plimsoll, { eid: birch.eid, asset: usdc.birch, amount: makerDollars });
  await accountOf(cast, {
    account: maker.account,
    what: "the maker's allotments",
    predicate: (account) => (creditOn(account, birch) ?? 0n) > 0n && (creditOn(account, cedar) ?? 0n) > 0n,
  });
}

/** Collateral goes into a vault on alder and, over LayerZero, becomes a permission to trade on two other chains. */
export async function depositChapter(cast: Cast, narrator: Narrator): Promise<void> {
  const { plimsoll, alice, alder, birch, cedar, usdc } = cast;
  narrator.chapter(
    "Deposit on alder",
    "Collateral stays in alder's vault; only word of it travels, over LayerZero V2.",
  );
  const { receipt, guid, feeWei, amount } = await narrator.during(
    "depositing",
    deposit(alice.config, plimsoll, { eid: alder.eid, asset: usdc.alder, amount: aliceDollars }),
  );
  narrator.check(
    amount === aliceDollars && guid !== null,
    `alice puts 48,000 USDC into alder's vault in block ${receipt.blockNumber}; the report costs ${formatUnits(feeWei, 18)} ETH`,
  );
  if (guid === null) return;
  const sent = await waitForMessage(plimsoll, { timeoutMilliseconds: patienceMs, guid, status: "sent" });
  narrator.say(`LayerZero message ${guid.slice(0, 18)}… sent, nonce ${sent.nonce}`);
  const inFlight = await accountOf(cast, {
    account: alice.account,
    what: "the deposit to be seen",
    predicate: ({ collateral }) => collateral.some(({ held }) => held > 0n),
  });
  narrator.say(
    `in flight: ${formatUnits(inFlight.collateral[0]?.inFlight ?? 0n, 6)} USDC, counted so far: ${formatUnits(inFlight.collateral[0]?.counted ?? 0n, 6)}`,
  );
  const verified = await narrator.during(
    "verification",
    waitForMessage(plimsoll, { timeoutMilliseconds: patienceMs, guid, status: "verified" }),
  );
  narrator.say(`verified by 2 of 3 DVN signers, birch block ${verified.verified?.blockNumber}`);
  const delivered = await narrator.during(
    "delivery",
    waitForMessage(plimsoll, { timeoutMilliseconds: patienceMs, guid }),
  );
  narrator.check(
    delivered.delivered !== null,
    `delivered to the hub's ledger, birch block ${delivered.delivered?.blockNumber}`,
  );

  const credited = await narrator.during(
    "the next epoch",
    accountOf(cast, {
      account: alice.account,
      what: "alice's allotments",
      predicate: (account) => (creditOn(account, birch) ?? 0n) > 0n && (creditOn(account, cedar) ?? 0n) > 0n,
    }),
  );
  const counted = credited.collateral[0]?.counted ?? 0n;
  narrator.check(
    counted === aliceDollars,
    `credited in epoch ${credited.epoch}, once reported at the hub and final on alder: worth ${usd(credited.base)} after haircut`,
  );
  const [onBirch, onCedar] = [creditOn(credited, birch) ?? 0n, creditOn(credited, cedar) ?? 0n];
  narrator.check(
    onBirch + onCedar <= credited.base,
    `allotted: may lose ${usd(onBirch)} on birch and ${usd(onCedar)} on cedar; together no more than the collateral is worth`,
  );
  const exitTotal = credited.collateral[0]?.exitTotal ?? 0n;
  narrator.check(
    exitTotal === aliceDollars / 2n,
    `${formatUnits(exitTotal, 6)} USDC could leave without operators, should they fall silent; they are allotted to nobody`,
  );
  const view = await getAccount(plimsoll, { account: alice.account });
  narrator.say(`in ${view.values.length} scenarios the account is worth ${usd(view.worst)} at worst`);
}
