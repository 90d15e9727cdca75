import type { Trader } from "@plimsoll/demo/story/cast";
import { nameToId } from "@plimsoll/protocol/account";
import { claimWithdrawal } from "@plimsoll/sdk/actions/claimWithdrawal";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { depositNative } from "@plimsoll/sdk/actions/depositNative";
import { reportCollateral } from "@plimsoll/sdk/actions/reportCollateral";
import { requestWithdrawal } from "@plimsoll/sdk/actions/requestWithdrawal";
import { setWeights } from "@plimsoll/sdk/actions/setWeights";
import { signOrder } from "@plimsoll/sdk/actions/signOrder";
import { trade } from "@plimsoll/sdk/actions/trade";
import type { DeployedChain } from "@plimsoll/sdk/deployment";
import { parseUnits } from "viem";
import type { Random } from "../random.ts";
import { keepForExit, type Traders } from "./traders.ts";

export type ActionName =
  | "deposit"
  | "deposit-ether"
  | "trade"
  | "trade-both"
  | "request"
  | "request-ether"
  | "claim"
  | "claim-ether"
  | "report"
  | "weights"
  | "keep-for-exit";

/** Drawn like cards: how many of each kind are in the deck. */
export const deck: readonly ActionName[] = [
  ...Array<ActionName>(6).fill("trade"),
  ...Array<ActionName>(3).fill("trade-both"),
  ...Array<ActionName>(2).fill("deposit"),
  ...Array<ActionName>(2).fill("request"),
  ...Array<ActionName>(3).fill("claim"),
  "deposit-ether",
  "request-ether",
  "claim-ether",
  "report",
  "weights",
];

/** Of somebody who holds nothing. */
export const leaverDeck: readonly ActionName[] = [
  "deposit",
  "deposit-ether",
  "request",
  "request-ether",
  ...Array<ActionName>(2).fill("claim"),
  ...Array<ActionName>(2).fill("claim-ether"),
  "keep-for-exit",
];

const bitcoin = nameToId("BTC-PERP");
/** Named, so that nothing is simulated first and what the contract refuses is mined. */
const unsimulatedGas = 2_500_000n;

/** One thing that a trader does, through the SDK alone. Resolves with how many of its parts went through. */
export async function act(name: ActionName, traders: Traders, me: Trader, random: Random): Promise<number> {
  const { plimsoll, vaults, markets } = traders;
  const { chain, usdc, ether } = random.pick(vaults);
  const where = { eid: chain.eid, asset: usdc };
  const inEther = { eid: chain.eid, asset: ether };
  const milliether = (least: number, most: number) => parseUnits(String(random.whole(least, most)), 15);
  const dollars = (least: number, most: number) => parseUnits(String(random.whole(least, most)), 6);
  switch (name) {
    case "deposit":
      await deposit(me.config, plimsoll, { ...where, amount: dollars(100, 4_000) });
      return 1;
    case "deposit-ether":
      await depositNative(me.config, plimsoll, { eid: chain.eid, amount: milliether(50, 1_000) });
      return 1;
    case "trade":
      await tradeBitcoin(traders, me, random, random.pick(markets));
      return 1;
    // The same free collateral, asked of every market in the same moment.
    case "trade-both":
      return await count(markets.map((market) => tradeBitcoin(traders, me, random, market, unsimulatedGas)));
    case "request":
      await requestWithdrawal(me.config, plimsoll, { ...where, amount: dollars(50, 3_000) });
      return 1;
    case "request-ether":
      await requestWithdrawal(me.config, plimsoll, { ...inEther, amount: milliether(10, 800) });
      return 1;
    // The same leaf, shown twice in the same moment.
    case "claim":
      return await count([1, 2].map(() => claimWithdrawal(me.config, plimsoll, where)));
    case "claim-ether":
      return await count([1, 2].map(() => claimWithdrawal(me.config, plimsoll, inEther)));
    case "report":
      await reportCollateral(me.config, plimsoll, { eid: chain.eid, account: me.account });
      return 1;
    case "weights": {
      const weights = markets.map(({ eid }) => ({ eid, weight: random.whole(1, 5) }));
      await setWeights(me.config, plimsoll, { account: me.account, weights });
      return 1;
    }
    case "keep-for-exit":
      await keepForExit(traders, me, random.whole(0, 6));
      return 1;
  }
}

/** Bitcoin bought or sold against the maker, at up to half a per cent from the mark. */
export async function tradeBitcoin(
  { plimsoll, maker, priceE8 }: Traders,
  me: Trader,
  random: Random,
  { eid }: DeployedChain,
  gas?: bigint,
): Promise<void> {
  const magnitude = parseUnits(String(random.whole(1, 40)), 6);
  const size = random.share() < 0.5 ? magnitude : -magnitude;
  const limitPrice = priceE8 + (priceE8 * BigInt(random.whole(-50, 50))) / 10_000n;
  const common = { eid, instrument: bitcoin, limitPrice };
  const [taken, made] = await Promise.all([
    signOrder(me.config, plimsoll, { ...common, account: me.account, size }),
    signOrder(maker.config, plimsoll, { ...common, account: maker.account, size: -size }),
  ]);
  await trade(me.config, plimsoll, { maker: made, taker: taken, size: magnitude, gas, attempts: 6 });
}

/** How many succeed; if none does, the first one's failure. */
export async function count(attempts: readonly Promise<unknown>[]): Promise<number> {
  const settled = await Promise.allSettled(attempts);
  const done = settled.filter(({ status }) => status === "fulfilled").length;
  const refused = settled.find((one) => one.status === "rejected");
  if (done === 0 && refused !== undefined) throw refused.reason;
  return done;
}
