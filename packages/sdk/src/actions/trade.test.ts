import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { createPublicClient, type Hex, http } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { newestEpoch } from "../../test/support/newestEpoch.ts";
import { postAsRelayer, postInFrontOfNext } from "../../test/support/relayer.ts";
import {
  accountLeaf,
  perpetualLeaf,
  type StandInOperators,
  startStandInOperators,
} from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, type Traders } from "../../test/support/traders.ts";
import { AllotmentExceeded, ContractRefused, GrossLimitExceeded, NoAllotment, StaleProof } from "../errors/contract.ts";
import { OrdersOfDifferentMarkets } from "../errors/input.ts";
import { parseUsd } from "../units/parseUsd.ts";
import { signOrder } from "./signOrder.ts";
import { trade } from "./trade.ts";

const birch = devnetChain("birch");
const cedar = devnetChain("cedar");
const [bitcoin, ether] = [nameToId("BTC-PERP"), nameToId("ETH-PERP")];
const [markBtc, markEth] = [parseUsd("120000"), parseUsd("4000")];
// Row 0 is the base; then down, up, and a crash.
const shocksBps = [0n, -1_000n, 1_000n, -3_000n];
const scenarios = shocksBps.length;

let operators: StandInOperators;
let traders: Traders;
let subAccounts = 100n;

beforeAll(async () => {
  const deployment = inject("deployment");
  const firstEpoch = (await newestEpoch(deployment)) + 1;
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch });
  traders = await connectTraders([operators.url]);
});
afterEach(() => operators.lagBehind(0, 0));
afterAll(() => operators.close());

/** Two accounts that no test before used. */
async function freshAccounts() {
  const [alice, bob] = [await traders.alice.getAccounts(), await traders.bob.getAccounts()];
  const number = subAccounts++;
  return { alice: makeAccountId(alice[0] ?? "0x", number), bob: makeAccountId(bob[0] ?? "0x", number) };
}
type Accounts = Awaited<ReturnType<typeof freshAccounts>>;

const generous = { lossE8: parseUsd("1000000"), grossLimitE8: parseUsd("10000000"), scenarios };

/** Attests that both accounts may lose plenty on both markets, but for what `alice` says. */
function attest({ alice, bob }: Accounts, allowedAlice: Partial<typeof generous> = {}) {
  return operators.attest({
    instruments: [perpetualLeaf(bitcoin, markBtc, shocksBps), perpetualLeaf(ether, markEth, shocksBps)],
    accounts: [birch, cedar].flatMap(({ eid, market: consumer }) => [
      accountLeaf({ eid, consumer, account: alice }, { ...generous, ...allowedAlice }),
      accountLeaf({ eid, consumer, account: bob }, generous),
    ]),
  });
}

async function signBoth(accounts: Accounts, order: { eid: number; instrument: Hex; size: bigint; limitPrice: bigint }) {
  const { config, plimsoll, alice, bob } = traders;
  return {
    taker: await signOrder(config, plimsoll, { ...order, account: accounts.alice, connector: alice }),
    maker: await signOrder(config, plimsoll, { ...order, size: -order.size, account: accounts.bob, connector: bob }),
    size: order.size,
  };
}

function held(chain: typeof birch, account: Hex, instrument: Hex) {
  return createPublicClient({ transport: http(chain.rpcUrl) }).readContract({
    abi: derivativeMarketAbi,
    address: chain.market,
    functionName: "position",
    args: [account, instrument],
  });
}

const post = (epoch: number) => postAsRelayer(birch, operators.attestation(birch.eid, epoch));

describe("trade", () => {
  test("default: one epoch's proofs open a position on birch and its hedge on cedar", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    const epoch = await attest(accounts);
    const size = parseUsd("0.5");

    const long = await signBoth(accounts, { eid: birch.eid, instrument: bitcoin, size, limitPrice: markBtc });
    const opened = await trade(config, plimsoll, long);
    expect(opened).toMatchObject({ epoch: BigInt(epoch), postedEpoch: true, price: markBtc, size, attempts: 1 });
    expect(opened).toMatchObject({ makerOrder: long.maker.digest, takerOrder: long.taker.digest });

    const bought = await signBoth(accounts, { eid: cedar.eid, instrument: bitcoin, size, limitPrice: markBtc });
    const short = { maker: bought.taker, taker: bought.maker, size };
    await trade(config, plimsoll, short);

    expect(await held(birch, accounts.alice, bitcoin)).toBe(size);
    expect(await held(cedar, accounts.bob, bitcoin)).toBe(-size);
  });

  test("behavior: proves what the accounts hold besides what they trade, and posts nothing twice", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    await attest(accounts);
    const size = parseUsd("1");
    const btc = { eid: birch.eid, instrument: bitcoin, size, limitPrice: markBtc };
    await trade(config, plimsoll, await signBoth(accounts, btc));
    const eth = { eid: birch.eid, instrument: ether, size, limitPrice: markEth };
    const second = await trade(config, plimsoll, await signBoth(accounts, eth));

    expect(second.postedEpoch).toBe(false);
    const asked = operators.requests.filter((path) => path.startsWith("/v1/proofs/trade")).at(-1);
    expect(new URL(asked ?? "", operators.url).searchParams.get("instruments")).toBe(`${bitcoin},${ether}`);
  });

  test("behavior: when a newer epoch is posted after the proofs were fetched, fetches again", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    await attest(accounts);
    const orders = await signBoth(accounts, {
      eid: birch.eid,
      instrument: ether,
      size: 10n ** 8n,
      limitPrice: markEth,
    });

    let newer = 0;
    operators.afterNextProofs(async () => {
      newer = await attest(accounts);
      await post(newer);
    });
    const done = await trade(config, plimsoll, orders);
    expect(done).toMatchObject({ epoch: BigInt(newer), attempts: 2, postedEpoch: false });
  });

  test("behavior: when a newer epoch gets into the trade's own block before it, tries again", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    await post(await attest(accounts));
    const orders = await signBoth(accounts, {
      eid: birch.eid,
      instrument: ether,
      size: 10n ** 8n,
      limitPrice: markEth,
    });

    let newer = 0;
    let inFront: { done: Promise<unknown> } | undefined;
    operators.afterNextProofs(async () => {
      // Another root: proofs of an epoch hold under the next one where nothing changed.
      newer = await attest(accounts, { lossE8: parseUsd("900000") });
      inFront = await postInFrontOfNext(birch, operators.attestation(birch.eid, newer));
    });
    const done = await trade(config, plimsoll, orders);
    await inFront?.done;
    expect(done).toMatchObject({ epoch: BigInt(newer), attempts: 2 });
  });

  test("behavior: asks another node when one has fallen behind the chain", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    const stale = await attest(accounts);
    const newer = await attest(accounts);
    await post(newer);
    const orders = await signBoth(accounts, {
      eid: birch.eid,
      instrument: ether,
      size: 10n ** 8n,
      limitPrice: markEth,
    });
    operators.lagBehind(stale);
    expect(await trade(config, plimsoll, orders)).toMatchObject({ epoch: BigInt(newer), attempts: 2 });
  });

  test("error: StaleProof, when no node has the chain's newest epoch", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    const stale = await attest(accounts);
    const newer = await attest(accounts);
    await post(newer);
    const orders = await signBoth(accounts, {
      eid: birch.eid,
      instrument: ether,
      size: 10n ** 8n,
      limitPrice: markEth,
    });
    operators.lagBehind(stale, 100);
    const refused = trade(config, plimsoll, { ...orders, attempts: 3 });
    await expect(refused).rejects.toThrow(StaleProof);
    expect(await held(birch, accounts.alice, ether)).toBe(0n);
  });

  test("error: AllotmentExceeded, with the scenario and by how much", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    await attest(accounts, { lossE8: parseUsd("17999.5") });
    const size = parseUsd("1");
    const orders = await signBoth(accounts, { eid: birch.eid, instrument: bitcoin, size, limitPrice: markBtc });
    const refused = await trade(config, plimsoll, orders).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AllotmentExceeded);
    // A long of one bitcoin loses 12,000 in row 1 and 36,000 in row 3.
    const excess = parseUsd("36000") - parseUsd("17999.5");
    expect(refused).toMatchObject({ account: accounts.alice, scenario: 3, excess, code: "ALLOTMENT_EXCEEDED" });
  });

  test("error: GrossLimitExceeded", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    const grossLimitE8 = parseUsd("119999");
    await attest(accounts, { grossLimitE8 });
    const size = parseUsd("1");
    const orders = await signBoth(accounts, { eid: birch.eid, instrument: bitcoin, size, limitPrice: markBtc });
    const refused = await trade(config, plimsoll, orders).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GrossLimitExceeded);
    expect(refused).toMatchObject({ account: accounts.alice, gross: markBtc, grossLimit: grossLimitE8 });
  });

  test("error: NoAllotment, for an account without an allotment", async () => {
    const { config, plimsoll } = traders;
    const [accounts, others] = [await freshAccounts(), await freshAccounts()];
    await attest({ alice: others.alice, bob: accounts.bob });
    const orders = await signBoth(accounts, {
      eid: birch.eid,
      instrument: ether,
      size: 10n ** 8n,
      limitPrice: markEth,
    });
    const refused = await trade(config, plimsoll, orders).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NoAllotment);
    expect(refused).toMatchObject({ account: accounts.alice });
  });

  test("behavior: an account without an allotment may do what leaves it no worse in any scenario", async () => {
    const { config, plimsoll } = traders;
    const [accounts, others] = [await freshAccounts(), await freshAccounts()];
    const size = parseUsd("0.1");
    const order = { eid: birch.eid, instrument: ether, size, limitPrice: markEth };
    await attest(accounts);
    await trade(config, plimsoll, await signBoth(accounts, order));
    await attest({ alice: others.alice, bob: accounts.bob });
    // Sold for more than any scenario says it could be worth.
    const sale = await signBoth(accounts, { ...order, size: -size, limitPrice: 2n * markEth });
    const { receipt } = await trade(config, plimsoll, { ...sale, size });
    expect(receipt.status).toBe("success");
  });

  test("error: ContractRefused, for an order changed after it was signed", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    await attest(accounts);
    const orders = await signBoth(accounts, {
      eid: birch.eid,
      instrument: ether,
      size: 10n ** 8n,
      limitPrice: markEth,
    });
    const forged = { ...orders.taker, order: { ...orders.taker.order, limitPrice: 2n * markEth } };
    const refused = await trade(config, plimsoll, { ...orders, taker: forged }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ContractRefused);
    expect(refused).toMatchObject({ errorName: "InvalidOrderSignature" });
  });

  test("error: OrdersOfDifferentMarkets", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    const order = { instrument: ether, size: 10n ** 8n, limitPrice: markEth };
    const { taker } = await signBoth(accounts, { ...order, eid: birch.eid });
    const { maker } = await signBoth(accounts, { ...order, eid: cedar.eid });
    await expect(trade(config, plimsoll, { maker, taker, size: 1n })).rejects.toThrow(OrdersOfDifferentMarkets);
  });
});
