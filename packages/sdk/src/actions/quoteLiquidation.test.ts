import { nameToId } from "@plimsoll/protocol/account";
import { type AccountStatus, accountStatus } from "@plimsoll/protocol/epoch";
import type { AccountId } from "@plimsoll/protocol/ids";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openBook } from "../../test/support/books.ts";
import { newestEpoch } from "../../test/support/newestEpoch.ts";
import { postAsRelayer } from "../../test/support/relayer.ts";
import {
  accountLeaf,
  perpetualLeaf,
  type StandInOperators,
  startStandInOperators,
} from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, type Traders } from "../../test/support/traders.ts";
import { ContractRefused } from "../errors/contract.ts";
import { poll } from "../poll.ts";
import { parseUsd } from "../units/parseUsd.ts";
import { endAuction } from "./endAuction.ts";
import { getAuction } from "./getAuction.ts";
import { liquidate } from "./liquidate.ts";
import { quoteLiquidation } from "./quoteLiquidation.ts";
import { startAuction } from "./startAuction.ts";

const cedar = devnetChain("cedar");
const ether = nameToId("ETH-AUCTION");
const shocksBps = [0n, -3_000n, 1_000n];
const [bought, mark] = [parseUsd("4000"), parseUsd("3600")];
/** Of one ether at mark: a fall by 30 %. */
const risk = parseUsd("1080");
const [whole, half] = [10n ** 18n, 5n * 10n ** 17n];

let operators: StandInOperators;
let traders: Traders;
let number = 800n;

beforeAll(async () => {
  const deployment = inject("deployment");
  const firstEpoch = (await newestEpoch(deployment)) + 1;
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

/** Alice is long one ether at 4,000, and it is at 3,600: 400 lost, 1,480 at the low, 40 at the high. */
async function fallenLong(): Promise<{ long: AccountId; taker: AccountId }> {
  const where = { operators, traders, chain: cedar, instrument: ether, shocksBps };
  const { long, shorts } = await openBook({ ...where, mark: bought, number: number++, sizes: [parseUsd("1")] });
  return { long, taker: shorts[0] ?? "0x" };
}

/** An epoch that says so of the long, and lets the taker take anything. */
function attest(
  { long, taker }: { long: AccountId; taker: AccountId },
  status: AccountStatus,
  allotment: readonly string[],
  target: string,
) {
  const where = { eid: cedar.eid, consumer: cedar.market };
  const all = { lossE8: parseUsd("1000000"), grossLimitE8: parseUsd("1000000"), scenarios: shocksBps.length };
  return operators.attest({
    instruments: [perpetualLeaf(ether, mark, shocksBps)],
    accounts: [
      {
        ...accountLeaf({ ...where, account: long }, { ...all, grossLimitE8: parseUsd(target) }),
        status,
        allotment: BigInt64Array.from(allotment, parseUsd),
      },
      accountLeaf({ ...where, account: taker }, all),
    ],
  });
}

const { liquidatable, active } = accountStatus;
const generous = ["500", "1480", "500"];
const at = (account: AccountId) => ({ eid: cedar.eid, market: cedar.market, account });
const quote = (account: AccountId, fraction: bigint) =>
  quoteLiquidation(traders.config, traders.plimsoll, { ...at(account), fraction });
const rateOf = async (account: AccountId) =>
  (await getAuction(traders.config, traders.plimsoll, at(account)))?.discountRate ?? 0n;

describe("quoteLiquidation", () => {
  test("default: what the auction offers now, which grows, and which a taker is paid", async () => {
    const { config, plimsoll } = traders;
    const accounts = await fallenLong();
    const epoch = await attest(accounts, liquidatable, generous, "1000");
    await startAuction(config, plimsoll, at(accounts.long));
    await offering(accounts.long, parseUsd("1"));

    const before = await rateOf(accounts.long);
    const quoted = await quote(accounts.long, half);
    const after = await rateOf(accounts.long);
    expect(quoted.epoch).toBe(BigInt(epoch));
    expect(quoted.discount).toBeGreaterThanOrEqual((before * risk) / (2n * whole));
    expect(quoted.discount).toBeLessThanOrEqual((after * risk) / (2n * whole));

    const { taker } = accounts;
    const terms = { ...at(accounts.long), taker, fraction: half, leastDiscount: quoted.discount };
    const paid = await liquidate(config, plimsoll, { ...terms, connector: traders.bob });
    expect(paid.discount).toBeGreaterThanOrEqual(quoted.discount);
    await attest(accounts, active, generous, "10000");
    await endAuction(config, plimsoll, at(accounts.long));
    expect(await getAuction(config, plimsoll, at(accounts.long))).toBeNull();
  });

  test("behavior: no more than the account may lose without a shock", async () => {
    const { config, plimsoll } = traders;
    const accounts = await fallenLong();
    await attest(accounts, liquidatable, ["400.5", "1480", "500"], "1000");
    await startAuction(config, plimsoll, at(accounts.long));
    await offering(accounts.long, parseUsd("2"));
    expect((await quote(accounts.long, half)).discount).toBe(parseUsd("0.5"));
  });

  test("error: ContractRefused, with what the contract says", async () => {
    const { config, plimsoll } = traders;
    const accounts = await fallenLong();
    await attest(accounts, liquidatable, ["500", "1480", "350"], "1000");
    await refused(quote(accounts.long, half), "NoAuction");
    await startAuction(config, plimsoll, at(accounts.long));
    await refused(startAuction(config, plimsoll, at(accounts.long)), "AuctionUnderWay");
    await refused(quote(accounts.long, (whole * 8n) / 10n), "BelowTarget");
    await refused(quote(accounts.long, whole + 1n), "FractionOutOfBounds");
    await refused(endAuction(config, plimsoll, at(accounts.long)), "StillLiquidatable");
    // All of it sold leaves 400 lost at the high, where 350 may be: it is a hedge of what lies elsewhere.
    await attest(accounts, liquidatable, ["500", "1480", "350"], "0");
    await postAsRelayer(cedar, operators.attestation(cedar.eid));
    await refused(quote(accounts.long, whole), "FractionTooLarge");
    expect((await quote(accounts.long, half)).discount).toBeGreaterThanOrEqual(0n);
    await attest(accounts, active, generous, "10000");
    await postAsRelayer(cedar, operators.attestation(cedar.eid));
    await refused(quote(accounts.long, half), "NotLiquidatable");
  });
});

async function refused(call: Promise<unknown>, errorName: string): Promise<void> {
  const error = await call.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ContractRefused);
  expect(error).toMatchObject({ errorName });
}

/** Blocks go by until the whole book's discount would be so much. */
function offering(account: AccountId, discount: bigint): Promise<true> {
  return poll({
    what: "the discount to grow",
    timeoutMilliseconds: 20_000,
    intervalMilliseconds: 200,
    look: async () => ((await rateOf(account)) * risk >= discount * whole ? true : null),
  });
}
