import { setTimeout as sleep } from "node:timers/promises";
import { connectTrader, type Trader } from "@plimsoll/demo/story/cast";
import type { System } from "@plimsoll/demo/system/system";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import type { AccountId } from "@plimsoll/protocol/ids";
import { approveCollateral } from "@plimsoll/sdk/actions/approveCollateral";
import { deposit } from "@plimsoll/sdk/actions/deposit";
import { keepForExit } from "@plimsoll/sdk/actions/keepForExit";
import { signOrder } from "@plimsoll/sdk/actions/signOrder";
import { tradeBatch } from "@plimsoll/sdk/actions/tradeBatch";
import { waitForAccount } from "@plimsoll/sdk/actions/waitForAccount";
import { createPlimsoll, type Plimsoll } from "@plimsoll/sdk/createPlimsoll";
import { type DeployedChain, getChain } from "@plimsoll/sdk/deployment";
import { AllotmentExceeded, GrossLimitExceeded, NoAllotment } from "@plimsoll/sdk/errors/contract";
import { type Address, getAddress, parseUnits } from "viem";
import { marketAt } from "../marketAt.ts";
import type { Leg, Member } from "./population.ts";

/** Everybody in the run, with their accounts open and their positions on. */
export interface Population {
  readonly plimsoll: Plimsoll;
  readonly owner: Trader;
  readonly maker: Trader;
  readonly accounts: ReadonlyMap<number, AccountId>;
}

const makerDollars = parseUnits("4000000", 6);
/** A batch is proven at once, with at most 16 accounts. */
const batchSize = 6;
const roomDeadlineMs = 90_000;

/**
 * Deposits for every member, each a sub-account of one owner, and for a maker on the other side of every trade; then opens
 * the positions at the marks of the moment.
 */
export async function settlePopulation(
  system: System,
  members: readonly Member[],
  say: (line: string) => void,
): Promise<Population> {
  const { deployment, accounts: keys } = system.devnet;
  const plimsoll = await createPlimsoll({
    nodes: system.operators.map(({ url }) => url),
    pollIntervalMilliseconds: 250,
  });
  const rpcUrls = Object.fromEntries(deployment.chains.map(({ name, rpcUrl }) => [name, rpcUrl]));
  const owner = await connectTrader(plimsoll, rpcUrls, keys.bob);
  const maker = await connectTrader(plimsoll, rpcUrls, keys.maker);
  const accounts = new Map(members.map(({ number }) => [number, makeAccountId(keys.bob.address, BigInt(number))]));
  const usdcOn = ({ eid }: DeployedChain): Address =>
    getAddress(deployment.tokens.find((token) => token.eid === eid && token.symbol === "USDC")?.address ?? "0x");

  const birch = getChain(plimsoll.deployment, "birch");
  for (const name of ["alder", "birch"]) {
    const chain = getChain(plimsoll.deployment, name);
    const amount = members.reduce((sum, { vault, deposit: own }) => (vault === name ? sum + own : sum), 0n);
    await approveCollateral(owner.config, plimsoll, { eid: chain.eid, asset: usdcOn(chain), amount });
  }
  // Leverage is reckoned on all that is deposited.
  await Promise.all([
    keepForExit(maker.config, plimsoll, { keep: "nothing" }),
    ...[...accounts.values()].map((account) => keepForExit(owner.config, plimsoll, { account, keep: "nothing" })),
  ]);
  await Promise.all([
    deposit(maker.config, plimsoll, { eid: birch.eid, asset: usdcOn(birch), amount: makerDollars }),
    ...members.map(({ number, vault, deposit: amount }) => {
      const chain = getChain(plimsoll.deployment, vault);
      const account = accounts.get(number);
      return deposit(owner.config, plimsoll, { eid: chain.eid, asset: usdcOn(chain), amount, account });
    }),
  ]);
  await Promise.all([...accounts.values(), maker.account].map((account) => allotted(plimsoll, account)));
  say(`  ✓ ${members.length} accounts have deposited and may trade`);

  const rounds = Math.max(...members.map((member) => member.rounds.length));
  for (let round = 0; round < rounds; round++) {
    const markets = (["birch", "cedar"] as const).map(async (name) => {
      const wanted = members.flatMap((member) =>
        (member.rounds[round] ?? []).filter(({ market }) => market === name).map((leg) => ({ member, leg })),
      );
      for (let from = 0; from < wanted.length; from += batchSize) {
        await openBatch({ plimsoll, owner, maker, accounts }, name, wanted.slice(from, from + batchSize));
      }
    });
    await Promise.all(markets);
  }
  say("  ✓ their positions are open, on birch and cedar");
  return { plimsoll, owner, maker, accounts };
}

async function allotted(plimsoll: Plimsoll, account: AccountId): Promise<void> {
  await waitForAccount(plimsoll, {
    account,
    what: `first allotments of ${account}`,
    timeoutMilliseconds: 120_000,
    predicate: ({ portfolios }) =>
      portfolios.length > 0 && portfolios.every(({ allotment }) => (allotment?.grossLimit ?? 0n) > 0n),
  });
}

/** Room comes with the next epochs: a refused batch is tried again until then. */
async function openBatch(
  { plimsoll, owner, maker, accounts }: Population,
  market: string,
  wanted: readonly { readonly member: Member; readonly leg: Leg }[],
): Promise<void> {
  const { eid } = getChain(plimsoll.deployment, market);
  const deadlineMs = performance.now() + roomDeadlineMs;
  for (;;) {
    try {
      const { priced, marks } = await marketAt(plimsoll, maker.account);
      const fills = await Promise.all(
        wanted.map(async ({ member, leg }) => {
          const size = unitsOf(member, leg, priced.get(leg.instrument)?.notional ?? 0n);
          const limitPrice = marks.get(leg.instrument) ?? 0n;
          const common = { eid, instrument: nameToId(leg.instrument), limitPrice };
          const account = accounts.get(member.number) ?? owner.account;
          const [taken, made] = await Promise.all([
            signOrder(owner.config, plimsoll, { ...common, account, size }),
            signOrder(maker.config, plimsoll, { ...common, account: maker.account, size: -size }),
          ]);
          return { maker: made, taker: taken, size: size < 0n ? -size : size };
        }),
      );
      await tradeBatch(owner.config, plimsoll, { fills, attempts: 8 });
      return;
    } catch (error) {
      const waits =
        error instanceof AllotmentExceeded || error instanceof GrossLimitExceeded || error instanceof NoAllotment;
      if (!waits || performance.now() > deadlineMs) throw error;
      await sleep(1_000);
    }
  }
}

/** Units of a leg, 8 decimals, to a hundred-thousandth of a coin. */
function unitsOf({ deposit }: Member, { times }: Leg, notional: bigint): bigint {
  const dollarsE8 = (deposit * 100n * BigInt(Math.round(Math.abs(times) * 1_000))) / 1_000n;
  return BigInt(Math.sign(times)) * ((dollarsE8 * 100_000n) / notional) * 1_000n;
}
