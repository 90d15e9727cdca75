import { derivativeMarketAbi as abi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { instrumentStatus } from "@plimsoll/protocol/epoch";
import { createPublicClient, type Hex, http } from "viem";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newestEpoch } from "../../test/support/newestEpoch.ts";
import {
  accountLeaf,
  perpetualLeaf,
  type StandInOperators,
  startStandInOperators,
} from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, type Traders } from "../../test/support/traders.ts";
import { ContractRefused } from "../errors/contract.ts";
import { parseUsd } from "../units/parseUsd.ts";
import { settle } from "./settle.ts";
import { signOrder } from "./signOrder.ts";
import { trade } from "./trade.ts";

const cedar = devnetChain("cedar");
const client = createPublicClient({ transport: http(cedar.rpcUrl) });
const [mark, settlement] = [parseUsd("120000"), parseUsd("121500")];
const shocksBps = [0n, -1_000n, 1_000n];

let operators: StandInOperators;
let traders: Traders;

beforeAll(async () => {
  const deployment = inject("deployment");
  const firstEpoch = (await newestEpoch(deployment)) + 1;
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

const read = (functionName: "cash" | "position", ...args: Hex[]) =>
  client.readContract({ abi, address: cedar.market, functionName, args: args as never }) as Promise<bigint>;

describe("settle", () => {
  test("default: positions of an expired future become cash, by anybody's transaction", async () => {
    const { config, plimsoll } = traders;
    const instrument = nameToId("BTC-SETTLES");
    const [[alice = "0x"], [bob = "0x"]] = [await traders.alice.getAccounts(), await traders.bob.getAccounts()];
    const [long, short] = [makeAccountId(alice, 700n), makeAccountId(bob, 700n)];
    const allowed = { lossE8: parseUsd("1000000"), grossLimitE8: parseUsd("10000000"), scenarios: shocksBps.length };
    const accounts = [long, short].map((account) =>
      accountLeaf({ eid: cedar.eid, consumer: cedar.market, account }, allowed),
    );
    const running = perpetualLeaf(instrument, mark, shocksBps);
    await operators.attest({ instruments: [running], accounts });

    const size = parseUsd("0.5");
    const order = { eid: cedar.eid, instrument, limitPrice: mark };
    const taker = await signOrder(config, plimsoll, { ...order, size, account: long, connector: traders.alice });
    const maker = await signOrder(config, plimsoll, { ...order, size: -size, account: short, connector: traders.bob });
    await trade(config, plimsoll, { taker, maker, size });
    const [before, other] = [await read("cash", long), await read("cash", short)];

    const early = settle(config, plimsoll, { eid: cedar.eid, instrument, accounts: [long, short] });
    await expect(early).rejects.toThrow(ContractRefused);
    await expect(early).rejects.toMatchObject({ errorName: "NotSettled" });

    const prices = new BigInt64Array(shocksBps.length).fill(settlement);
    await operators.attest({
      instruments: [{ ...running, status: instrumentStatus.settled, settlement, prices, charge: 0n }],
      accounts,
    });
    const done = await settle(config, plimsoll, { eid: cedar.eid, instrument, accounts: [long, short] });
    expect(done.price).toBe(settlement);
    expect(await read("position", long, instrument)).toBe(0n);
    expect((await read("cash", long)) - before).toBe(settlement / 2n);
    expect((await read("cash", short)) - other).toBe(-settlement / 2n);
  });
});
