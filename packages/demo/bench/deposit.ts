// From a deposit's block on alder to an allotment that can be used on cedar, with real chains, LayerZero and operators.
import { confirmations } from "@plimsoll/devnet/layerzero/connect";
import { makeAccountId, subAccountOf } from "@plimsoll/protocol/account";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { getAccount as walletOf } from "@wagmi/core";
import { parseUnits } from "viem";
import { castStory } from "../src/story/cast.ts";
import { creditOn, portfolioOn } from "../src/story/figures.ts";
import { epochIntervalMs, startSystem } from "../src/system/system.ts";

const deposits = 5;
const blockSeconds = 1;
/** Anvil's finalized block is the head less two. */
const finalityBlocks = 2;
/** Verified and executed in one block. */
const deliveryBlocks = 1;
/** An epoch is due at any time: half the interval on average. */
const epochSeconds = epochIntervalMs / 2_000;

const system = await startSystem();
try {
  const cast = await castStory(system);
  const { plimsoll, alice, alder, cedar, usdc } = cast;
  const owner = walletOf(alice.config).address ?? "0x";
  const usable: number[] = [];
  const posted: number[] = [];
  for (let subAccount = 1n; subAccount <= deposits; subAccount++) {
    const account = makeAccountId(owner, subAccount);
    const { receipt } = await deposit(alice.config, plimsoll, {
      eid: alder.eid,
      asset: usdc.alder,
      amount: parseUnits("1000", 6),
      account,
    });
    const startedMs = performance.now();
    const credited = await waitForAccount(plimsoll, {
      account,
      predicate: (view) => (creditOn(view, cedar) ?? 0n) > 0n,
      pollIntervalMilliseconds: 50,
    });
    usable.push((performance.now() - startedMs) / 1000);
    await waitForAccount(plimsoll, {
      account,
      predicate: (view) => (portfolioOn(view, cedar)?.postedEpoch ?? 0) >= credited.epoch,
      pollIntervalMilliseconds: 50,
    });
    posted.push((performance.now() - startedMs) / 1000);
    console.error(
      `sub-account ${subAccountOf(account)}: deposit in alder's block ${receipt.blockNumber}, epoch ${credited.epoch}`,
    );
  }
  const unavoidable = (confirmations + deliveryBlocks + finalityBlocks) * blockSeconds + epochSeconds;
  print("deposit to usable allotment", mean(usable), unavoidable);
  print("deposit to posted allotment", mean(posted), unavoidable + blockSeconds);
} finally {
  await system.stop();
}
process.exit();

/** `baseline` is the sum of the waits that nothing could avoid. */
function print(bench: string, value: number, baseline: number): void {
  const ratio = Number((value / baseline).toFixed(2));
  console.log(JSON.stringify({ bench, value: Number(value.toFixed(2)), unit: "s", baseline, ratio }));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
