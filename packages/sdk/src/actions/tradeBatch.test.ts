import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newestEpoch } from "../../test/support/newestEpoch.ts";
import { postBehindNext } from "../../test/support/relayer.ts";
import {
  accountLeaf,
  perpetualLeaf,
  type StandInOperators,
  startStandInOperators,
} from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, type Traders } from "../../test/support/traders.ts";
import { AllotmentExceeded, ContractRefused } from "../errors/contract.ts";
import { NoFills } from "../errors/input.ts";
import { NotAccountOwner } from "../errors/wallet.ts";
import { parseUsd } from "../units/parseUsd.ts";
import { cancelAllOrders } from "./cancelAllOrders.ts";
import { setDelegate } from "./setDelegate.ts";
import { type SignedOrder, signOrder } from "./signOrder.ts";
import { type OrderPair, tradeBatch } from "./tradeBatch.ts";

const birch = devnetChain("birch");
const ether = nameToId("ETH-PERP");
const mark = parseUsd("4000");
const shocksBps = [0n, -1_000n, 1_000n, -3_000n];
const one = parseUsd("1");

let operators: StandInOperators;
let traders: Traders;
let subAccounts = 300n;

beforeAll(async () => {
  const deployment = inject("deployment");
  const firstEpoch = (await newestEpoch(deployment)) + 1;
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

/** Accounts that no test before used: two of alice's and one of bob's. */
async function freshAccounts() {
  const [[alice = "0x"], [bob = "0x"]] = [await traders.alice.getAccounts(), await traders.bob.getAccounts()];
  const number = subAccounts++;
  return {
    alice: makeAccountId(alice, number),
    aliceToo: makeAccountId(alice, 100_000n + number),
    bob: makeAccountId(bob, number),
  };
}
type Accounts = Awaited<ReturnType<typeof freshAccounts>>;

function attest(accounts: Accounts, lossE8 = parseUsd("1000000")) {
  return operators.attest({
    instruments: [perpetualLeaf(ether, mark, shocksBps)],
    accounts: Object.values(accounts).map((account) =>
      accountLeaf(
        { eid: birch.eid, consumer: birch.market, account },
        { lossE8, grossLimitE8: parseUsd("10000000"), scenarios: shocksBps.length },
      ),
    ),
  });
}

function sign(who: "alice" | "bob", account: SignedOrder["order"]["account"], size: bigint, limitPrice = mark) {
  const { config, plimsoll } = traders;
  const order = { eid: birch.eid, instrument: ether, size, limitPrice, account };
  return signOrder(config, plimsoll, { ...order, connector: traders[who] });
}

describe("tradeBatch", () => {
  test("default: fills all pairs, and checks each account against what they come to", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    // One ether loses 1,200 at most: bob passes on to alice's other account what he buys from her.
    await attest(accounts, parseUsd("1300"));
    const bought = await sign("bob", accounts.bob, 2n * one);
    const sold = await sign("bob", accounts.bob, -2n * one);
    const fills: OrderPair[] = [
      { maker: await sign("alice", accounts.alice, -one), taker: bought, size: one },
      { maker: await sign("alice", accounts.aliceToo, one), taker: sold, size: one },
    ];
    const done = await tradeBatch(config, plimsoll, { fills });
    expect(done.fills).toHaveLength(2);
    expect(done.fills[0]).toMatchObject({ price: mark, size: one, makerFee: 0n, takerFee: 0n });
    expect(done.fills.map(({ makerOrder }) => makerOrder)).toEqual(fills.map(({ maker }) => maker.digest));
  });

  test("error: AllotmentExceeded: one refused, all refused", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    await attest(accounts, parseUsd("1300"));
    const bought = await sign("bob", accounts.bob, 2n * one);
    const fills: OrderPair[] = [
      { maker: await sign("alice", accounts.alice, -one), taker: bought, size: one },
      { maker: await sign("alice", accounts.aliceToo, -one), taker: bought, size: one },
    ];
    await expect(tradeBatch(config, plimsoll, { fills })).rejects.toThrow(AllotmentExceeded);
    expect(await tradeBatch(config, plimsoll, { fills: fills.slice(0, 1) })).toMatchObject({ attempts: 1 });
  });

  test("behavior: has gas enough to post what an operator's transaction in the pool was to post", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    const epoch = await attest(accounts);
    const fills = [
      { maker: await sign("alice", accounts.alice, -one), taker: await sign("bob", accounts.bob, one), size: one },
    ];
    const behind = await postBehindNext(birch, operators.attestation(birch.eid, epoch));
    const done = await tradeBatch(config, plimsoll, { fills });
    await behind.done;
    expect(done).toMatchObject({ epoch: BigInt(epoch), postedEpoch: true, attempts: 1 });
  });

  test("error: NoFills", async () => {
    const { config, plimsoll } = traders;
    await expect(tradeBatch(config, plimsoll, { fills: [] })).rejects.toThrow(NoFills);
  });
});

describe("cancelAllOrders", () => {
  test("default: what was signed before fills nothing any more, what is signed after does", async () => {
    const { config, plimsoll } = traders;
    const accounts = await freshAccounts();
    await attest(accounts);
    const taker = await sign("bob", accounts.bob, one);
    const before = await sign("alice", accounts.alice, -one);
    const { series } = await cancelAllOrders(config, plimsoll, { eid: birch.eid, account: accounts.alice });
    expect(series).toBe(1n);
    const refused = await tradeBatch(config, plimsoll, { fills: [{ maker: before, taker, size: one }] }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(ContractRefused);
    expect(refused).toMatchObject({ errorName: "OrderOfAnotherSeries" });
    const after = await sign("alice", accounts.alice, -one);
    expect(after.order.series).toBe(series);
    await tradeBatch(config, plimsoll, { fills: [{ maker: after, taker, size: one }] });
  });

  test("error: NotAccountOwner", async () => {
    const { config, plimsoll, bob } = traders;
    const { alice } = await freshAccounts();
    const stranger = cancelAllOrders(config, plimsoll, { eid: birch.eid, account: alice, connector: bob });
    await expect(stranger).rejects.toThrow(NotAccountOwner);
  });
});

describe("setDelegate", () => {
  test("default: the delegate signs and cancels for the account, until revoked", async () => {
    const { config, plimsoll, bob } = traders;
    const accounts = await freshAccounts();
    await attest(accounts);
    const [delegate = "0x"] = await bob.getAccounts();
    await expect(sign("bob", accounts.alice, -one)).rejects.toThrow(NotAccountOwner);

    const until = Math.floor(Date.now() / 1000) + 600;
    const set = { eid: birch.eid, account: accounts.alice, delegate };
    await setDelegate(config, plimsoll, { ...set, untilSeconds: until });
    const taker = await sign("bob", accounts.bob, 2n * one);
    const maker = await sign("bob", accounts.alice, -2n * one);
    await tradeBatch(config, plimsoll, { fills: [{ maker, taker, size: one }] });
    await cancelAllOrders(config, plimsoll, { eid: birch.eid, account: accounts.alice, connector: bob });

    const late = await sign("bob", accounts.alice, -one);
    await setDelegate(config, plimsoll, { ...set, untilSeconds: 0 });
    const refused = await tradeBatch(config, plimsoll, { fills: [{ maker: late, taker, size: one }] }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ errorName: "InvalidOrderSignature" });
  });

  test("error: NotAccountOwner", async () => {
    const { config, plimsoll, bob } = traders;
    const { alice } = await freshAccounts();
    const [delegate = "0x"] = await bob.getAccounts();
    const wanted = { eid: birch.eid, account: alice, delegate, untilSeconds: 2 ** 32, connector: bob };
    await expect(setDelegate(config, plimsoll, wanted)).rejects.toThrow(NotAccountOwner);
  });
});
