import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { developmentAccounts } from "@plimsoll/devnet/accounts";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { type AccountStatus, accountStatus } from "@plimsoll/protocol/epoch";
import type { AccountId } from "@plimsoll/protocol/ids";
import { type Address, createPublicClient, createWalletClient, type Hex, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type Book, openBook } from "../../test/support/books.ts";
import { newestEpoch } from "../../test/support/newestEpoch.ts";
import { postAsRelayer } from "../../test/support/relayer.ts";
import {
  accountLeaf,
  perpetualLeaf,
  type StandInOperators,
  startStandInOperators,
} from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, type Traders } from "../../test/support/traders.ts";
import { AllotmentExceeded, ContractRefused, NoBackstop, NoLiquidation } from "../errors/contract.ts";
import { NodeProblem } from "../errors/node.ts";
import { parseUsd } from "../units/parseUsd.ts";
import { deleverage } from "./deleverage.ts";
import { takeOver } from "./takeOver.ts";

const cedar = devnetChain("cedar");
const client = createPublicClient({ transport: http(cedar.rpcUrl), pollingInterval: 100 });
const { deployer, backstop: backstopOwner } = developmentAccounts(3);
const backstop = makeAccountId(backstopOwner.address).toLowerCase() as AccountId;
/** Of the same owner, without a position. */
const spare = makeAccountId(backstopOwner.address, 1n).toLowerCase() as AccountId;
const ether = nameToId("ETH-INSOLVENT");
const shocksBps = [0n, -3_000n, 1_000n];
const [bought, mark] = [parseUsd("4000"), parseUsd("3000")];
const [one, whole] = [parseUsd("1"), 10n ** 18n];

let operators: StandInOperators;
let traders: Traders;
let number = 900n;
let book: Book;

beforeAll(async () => {
  const deployment = inject("deployment");
  const firstEpoch = (await newestEpoch(deployment)) + 1;
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

/** Alice is long two ether at 4,000 against two of bob's accounts, and it is at 3,000: 2,000 are lost. */
beforeEach(async () => {
  const where = { operators, traders, chain: cedar, instrument: ether, shocksBps };
  book = await openBook({ ...where, mark: bought, number, sizes: [one, one] });
  number += 2n;
});

interface Said {
  readonly status?: AccountStatus;
  /** What the backstop may lose, and hold. */
  readonly backstopRoom?: bigint;
  readonly backstop?: AccountId;
  /** Alice, once all is closed. */
  readonly mayOwe?: bigint;
  /** What each of bob's accounts may lose. */
  readonly shortsMayLose?: bigint;
}

/** An epoch by which alice may be left owing 800 of the 2,000. */
function attest({ status = accountStatus.insolvent, backstopRoom = 0n, ...said }: Said) {
  const { shortsMayLose = parseUsd("1000000"), mayOwe = parseUsd("800") } = said;
  const where = { eid: cedar.eid, consumer: cedar.market };
  const leaf = (account: AccountId, lossE8: bigint, grossLimitE8: bigint) =>
    accountLeaf({ ...where, account }, { lossE8, grossLimitE8, scenarios: shocksBps.length });
  const { long, shorts } = book;
  return operators.attest({
    instruments: [perpetualLeaf(ether, mark, shocksBps)],
    accounts: [
      { ...leaf(long, mayOwe, 0n), status },
      ...shorts.map((account) => leaf(account, shortsMayLose, parseUsd("1000000"))),
      leaf(said.backstop ?? backstop, backstopRoom, backstopRoom),
    ],
    queues: status === accountStatus.insolvent ? [{ ...where, account: long, queue: shorts }] : [],
  });
}

/** The newest epoch, as a relayer does: what it says is what counts on the chain. */
const post = () => postAsRelayer(cedar, operators.attestation(cedar.eid));
const at = () => ({ eid: cedar.eid, market: cedar.market, account: book.long, fraction: whole });
const close = (parameters: Partial<Parameters<typeof deleverage>[2]> = {}) =>
  deleverage(traders.config, traders.plimsoll, { ...at(), ...parameters });
const read = (functionName: "cash" | "position", ...args: Hex[]) =>
  client.readContract({ abi: derivativeMarketAbi, address: cedar.market, functionName, args: args as never });

describe("deleverage", () => {
  test("default: closed at mark against the queue, which shares by notional what the account cannot pay", async () => {
    const epoch = await attest({});
    const { long, shorts } = book;
    const closed = (counterparty: Hex | undefined) => [
      { counterparty, instrument: ether, size: one, paid: parseUsd("600") },
    ];
    // Half of it against as few as that takes, and then what is left.
    const first = await close({ fraction: whole / 2n, counterparties: 1 });
    expect(first.epoch).toBe(BigInt(epoch));
    expect(first.closed).toEqual(closed(shorts[0]));
    expect(await read("position", long, ether)).toBe(one);
    expect((await close()).closed).toEqual(closed(shorts[1]));
    expect(await read("position", long, ether)).toBe(0n);
    expect(await read("cash", long)).toBe(-parseUsd("800"));
    // Each sold at 4,000 and buys back at 3,000, less its share of 1,200.
    for (const short of shorts) expect(await read("cash", short)).toBe(parseUsd("400"));
  });

  test("behavior: by the epoch that the chain has, if that says so, or else by the newest, which is posted", async () => {
    const epoch = await attest({});
    await post();
    await attest({ status: accountStatus.active });
    expect((await close({ fraction: whole / 4n })).epoch).toBe(BigInt(epoch));
    await post();
    const again = await attest({});
    expect((await close({ fraction: whole / 4n })).epoch).toBe(BigInt(again));
  });

  test("behavior: proofs that a newer epoch overtook are fetched again", async () => {
    await attest({});
    operators.afterNextProofs(async () => {
      await attest({});
      await post();
    });
    const { closed } = await close();
    expect(closed).toHaveLength(2);
  });

  test("error: NodeProblem, where nobody is to be closed against; ContractRefused, with what the contract says", async () => {
    await attest({ status: accountStatus.liquidatable });
    const nobody = await close().catch((error: unknown) => error);
    expect(nobody).toBeInstanceOf(NodeProblem);
    expect(nobody).toMatchObject({ code: "no-queue" });
    await attest({});
    await refused(close({ counterparties: 1 }), "MissingAccount");
    await refused(close({ fraction: whole + 1n }), "FractionOutOfBounds");
    // Who has to keep its gain for what it has elsewhere pays nothing here.
    await attest({ shortsMayLose: -parseUsd("900") });
    await post();
    await refused(close(), "NothingToMove");
  });
});

describe("deleverage after takeOver", () => {
  afterAll(() => act(deployer.privateKey, "nameBackstop", [`0x${"0".repeat(64)}`]));

  test("default: the backstop comes first, and what it has no room for is closed", async () => {
    const { config, plimsoll } = traders;
    await attest({ backstopRoom: parseUsd("10000") });
    await expect(takeOver(config, plimsoll, at())).rejects.toThrow(NoBackstop);
    await act(deployer.privateKey, "nameBackstop", [backstop]);
    await act(backstopOwner.privateKey, "acceptBackstop", []);

    await refused(close(), "BackstopHasRoom");
    const quarter = whole / 4n;
    const taken = await takeOver(config, plimsoll, { ...at(), fraction: quarter });
    expect(taken).toMatchObject({ backstop, loss: parseUsd("300") });
    expect(await read("position", backstop, ether)).toBe(one / 2n);

    await attest({ backstopRoom: 0n });
    await post();
    const refusal = await takeOver(config, plimsoll, at()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AllotmentExceeded);
    expect(refusal).toMatchObject({ account: backstop });
    const { closed } = await close();
    expect(closed.map(({ paid }) => paid)).toEqual([parseUsd("600"), parseUsd("300")]);
    expect(await read("cash", book.long)).toBe(-parseUsd("800"));
  });

  test("behavior: a debt without positions is taken over with any instrument that has a leaf", async () => {
    const { config, plimsoll } = traders;
    await attest({});
    await act(deployer.privateKey, "nameBackstop", [`0x${"0".repeat(64)}`]);
    await close();
    await act(deployer.privateKey, "nameBackstop", [spare]);
    await act(backstopOwner.privateKey, "acceptBackstop", []);
    // Nobody concerned holds anything, and by now it may be left owing a hundred less.
    await attest({ mayOwe: parseUsd("700"), backstop: spare, backstopRoom: parseUsd("10000") });
    await post();
    expect(await takeOver(config, plimsoll, at())).toMatchObject({ backstop: spare, loss: parseUsd("100") });
    expect(await read("cash", book.long)).toBe(-parseUsd("700"));
  });
});

test("error: NoLiquidation at a consumer of another kind", async () => {
  const { config, plimsoll } = traders;
  // Any contract that is no market.
  const other = cedar.contracts.attestations.toLowerCase() as Address;
  const chains = plimsoll.deployment.chains.map((chain) => ({
    ...chain,
    contracts: { ...chain.contracts, consumers: [other] },
  }));
  const elsewhere = { ...plimsoll, deployment: { chains } };
  for (const act of [takeOver, deleverage]) {
    await expect(act(config, elsewhere, { ...at(), market: other })).rejects.toThrow(NoLiquidation);
  }
});

async function refused(call: Promise<unknown>, errorName: string): Promise<void> {
  const error = await call.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ContractRefused);
  expect(error).toMatchObject({ errorName });
}

/** The owner's or the backstop's transaction, in its block. */
async function act(key: Hex, functionName: "nameBackstop" | "acceptBackstop", args: readonly Hex[]): Promise<void> {
  const address = await client.readContract({
    abi: derivativeMarketAbi,
    address: cedar.market,
    functionName: "liquidation",
  });
  const wallet = createWalletClient({ account: privateKeyToAccount(key), transport: http(cedar.rpcUrl) });
  const call = { chain: null, abi: marketLiquidationAbi, address, functionName, args: args as never };
  await client.waitForTransactionReceipt({ hash: await wallet.writeContract(call) });
}
