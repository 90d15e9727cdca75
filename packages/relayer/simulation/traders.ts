import { joinSignatures } from "@plimsoll/protocol/attestation";
import type { AccountId, Eid } from "@plimsoll/protocol/ids";
import { provable, proveChain } from "@plimsoll/protocol/proofs";
import { adversarialChange, largestChange, largestLoss } from "@plimsoll/protocol/simulation/adversary";
import { consumers, deposits } from "@plimsoll/protocol/simulation/chains";
import type { Random } from "@plimsoll/protocol/simulation/random";
import { attestationToWire } from "@plimsoll/protocol/to-wire";
import { zeroAddress } from "viem";
import {
  claimTransaction,
  depositTransaction,
  exitsAreOpen,
  exitTransaction,
  type Holding,
  postTransaction,
  reportTransaction,
  requestTransaction,
  saleTransaction,
  tradeTransaction,
  weightsTransaction,
} from "./contracts.ts";
import type { Attested } from "./oracle.ts";
import { isQuiet } from "./outage.ts";
import { accounts, hubEid } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

/** Somebody who has collected a quorum of signatures posts it: it may be any, new or old. */
function postAnything(around: Surroundings, eid: Eid, one: Attested): boolean {
  const signatures = [...one.signatures].map(([signer, signature]) => ({ signer, signature }));
  const ascending = signatures.sort((a, b) => (a.signer < b.signer ? -1 : 1)).slice(0, one.set.threshold);
  const path = proveChain(provable(one.epoch), eid);
  const attestation = attestationToWire(one.header, path, joinSignatures(ascending));
  return around.chains.get(eid)?.mine(postTransaction(around.rules, eid, attestation)) ?? false;
}

const holdingOf = (around: Surroundings): Holding & { readonly unit: bigint } => {
  const { eid, asset, unit } = around.random.pick(deposits);
  return { eid, asset, unit, account: around.random.pick(accounts) };
};

/** Mostly new ones, for most old ones are refused. */
const anyAttested = ({ random, oracle }: Surroundings): Attested =>
  random.pick(random.chance(0.2) ? oracle.attested : oracle.attested.slice(-8));

/** Nobody trades before so many epochs are attested: exits are for who holds nothing, and in time nobody does. */
const quietEpochs = 3;

function trade(around: Surroundings, consumer: (typeof consumers)[number], account: AccountId): void {
  const { random, chains, oracle } = around;
  if (oracle.attested.length < quietEpochs || isQuiet(around)) return;
  const change = around.world.prices === "crashing" ? onesided(account) : adversarialChange;
  chains.get(consumer.eid)?.mine(tradeTransaction(random, consumer, account, oracle.epochOf, change));
}

/** Ever larger, in the same direction everywhere, so that nothing nets: one half are long, who they can be closed against are short. */
const onesided =
  (account: AccountId): typeof adversarialChange =>
  (random, before, against) =>
    largestChange(random, before, against, accounts.indexOf(account) % 2 === 0 ? 1n : -1n);

/** What was approved, or more where exits are open. */
function takeOut({ chains, oracle }: Surroundings, holding: Holding): void {
  for (const pay of [claimTransaction, exitTransaction]) chains.get(holding.eid)?.mine(pay(holding, oracle.epochOf));
}

/** One account, at the same instant everywhere: the newest attestation posted, a trade at every market, every claim. */
function raceEveryChain(around: Surroundings): void {
  const { random, chains, oracle } = around;
  const account = random.pick(accounts);
  const newest = oracle.attested.at(-1);
  if (newest !== undefined) for (const eid of chains.keys()) postAnything(around, eid, newest);
  for (const { eid, asset } of deposits) {
    takeOut(around, { eid, asset, account });
  }
  for (const consumer of consumers) trade(around, consumer, account);
}

/** The largest position that somebody is let take somewhere. */
export function gamble(random: Random, around: Surroundings): void {
  const { chains, oracle } = around;
  const consumer = random.pick(consumers);
  const account = random.pick(accounts);
  const change = around.world.prices === "crashing" ? onesided(account) : largestChange;
  const trade = tradeTransaction(random, consumer, account, oracle.epochOf, change);
  if (oracle.attested.length >= quietEpochs && !isQuiet(around)) chains.get(consumer.eid)?.mine(trade);
}

/** What somebody below maintenance margin holds, bought, taken over or closed by somebody else, wherever a leaf allows it. */
export function sell(random: Random, { chains, oracle }: Surroundings): void {
  for (const consumer of consumers) chains.get(consumer.eid)?.mine(saleTransaction(random, consumer, oracle.epochOf));
}

/** Asks for some of what a vault holds, and takes what may leave of it, where exits are open. */
export function leave(around: Surroundings): void {
  const { random, chains, oracle } = around;
  const holding = holdingOf(around);
  const chain = chains.get(holding.eid);
  if (chain === undefined || !exitsAreOpen(chain.head().state, chain.nowSeconds())) return;
  chain.mine(requestTransaction(holding, 20 + random.below(81)));
  chain.mine(exitTransaction(holding, oracle.epochOf));
}

/** All that the newest attestation lets one account lose at every market, before the hub's vault has heard of it. */
export function raceAhead(around: Surroundings): void {
  const { random, chains, oracle } = around;
  const account = random.pick(accounts);
  const newest = oracle.attested.at(-1);
  for (const consumer of consumers) {
    if (newest !== undefined) postAnything(around, consumer.eid, newest);
    chains.get(consumer.eid)?.mine(tradeTransaction(random, consumer, account, oracle.epochOf, largestLoss));
  }
}

/** Where the capacity is wanted, and what of it the vaults keep for exit while nothing is held. */
function chooseWeights({ random, chains }: Surroundings, account: AccountId): void {
  const parts = [{ eid: 0, consumer: zeroAddress }, ...consumers].map((part) => ({ ...part, weight: random.below(3) }));
  chains.get(hubEid)?.mine(weightsTransaction(account, random.chance(0.5) ? [] : parts));
}

/** One act of somebody who wants to lose as much as can be lost, wherever a chain still lets him. */
export function actOfTrader(around: Surroundings): void {
  const { random, chains, oracle } = around;
  const act = random.unit();
  if (act < 0.04) raceEveryChain(around);
  else if (act < 0.6) {
    const consumer = random.pick(consumers);
    // Pull: whoever trades may bring a fresher attestation along, or one that suits him better.
    if (random.chance(0.15) && oracle.attested.length > 0) {
      postAnything(around, consumer.eid, random.pick(oracle.attested.slice(-6)));
    }
    trade(around, consumer, random.pick(accounts));
  } else if (act < 0.7) {
    if (oracle.attested.length > 0) {
      postAnything(around, random.pick([...chains.keys()]), anyAttested(around));
    }
  } else if (act < 0.8) {
    const holding = holdingOf(around);
    chains.get(holding.eid)?.mine(depositTransaction(holding, BigInt(1 + random.below(1_500)) * holding.unit));
  } else if (act < 0.88) {
    const holding = holdingOf(around);
    chains.get(holding.eid)?.mine(requestTransaction(holding, random.below(110)));
  } else if (act < 0.96) {
    takeOut(around, holdingOf(around));
  } else if (act < 0.98) {
    chooseWeights(around, random.pick(accounts));
  } else {
    const { eid, account } = holdingOf(around);
    chains.get(eid)?.mine(reportTransaction(eid, account));
  }
}

/** Everybody deposits something, and says what is to be done with it, before the game begins. */
export function firstDeposits(around: Surroundings): void {
  for (const { eid, asset, unit } of deposits) {
    for (const account of accounts) {
      around.chains.get(eid)?.mine(depositTransaction({ eid, asset, account }, 1_000n * unit));
    }
  }
  for (const account of accounts) chooseWeights(around, account);
}
