import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { makeAccountId } from "@plimsoll/protocol/account";
import { parseEventLogs, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type StandInOperators, startStandInOperators } from "../../test/support/standInOperators.ts";
import { connectTraders, devnetChain, type Traders } from "../../test/support/traders.ts";
import { ContractRefused } from "../errors/contract.ts";
import { NoMarket } from "../errors/deployment.ts";
import { NotAccountOwner } from "../errors/wallet.ts";
import { keepForExit } from "./keepForExit.ts";
import { setWeights } from "./setWeights.ts";

let operators: StandInOperators;
let traders: Traders;
const [birch, cedar] = [devnetChain("birch"), devnetChain("cedar")];

beforeAll(async () => {
  const deployment = inject("deployment");
  operators = await startStandInOperators({ deployment, operatorKeys: inject("keys").operators, firstEpoch: 1 });
  traders = await connectTraders([operators.url]);
});
afterAll(() => operators.close());

describe("setWeights", () => {
  test("default: the hub's ledger is told", async () => {
    const { config, plimsoll } = traders;
    const weights = [
      { eid: birch.eid, weight: 3 },
      { eid: cedar.eid, weight: 1 },
    ];
    const { logs } = await setWeights(config, plimsoll, { weights });
    const [event] = parseEventLogs({ abi: collateralLedgerAbi, eventName: "WeightsSet", logs });
    expect(event?.args.weights.map(({ eid, weight }) => ({ eid, weight }))).toEqual(weights);
  });

  test("behavior: what is kept for exit goes beside the markets", async () => {
    const { config, plimsoll } = traders;
    const { logs } = await setWeights(config, plimsoll, { weights: [{ eid: birch.eid, weight: 3 }], keptForExit: 7 });
    const [event] = parseEventLogs({ abi: collateralLedgerAbi, eventName: "WeightsSet", logs });
    expect(event?.args.weights[1]).toEqual({ eid: 0, consumer: zeroAddress, weight: 7 });
  });

  test("behavior: everything or nothing of it is said by the vaults' weight alone, half by nothing", async () => {
    const { config, plimsoll } = traders;
    const said = [];
    for (const keep of ["everything", "nothing", "half"] as const) {
      const { logs } = await keepForExit(config, plimsoll, { keep });
      said.push(parseEventLogs({ abi: collateralLedgerAbi, eventName: "WeightsSet", logs })[0]?.args.weights);
    }
    const home = { eid: 0, consumer: zeroAddress };
    expect(said).toEqual([[{ ...home, weight: 1 }], [{ ...home, weight: 0 }], []]);
  });

  test("error: NoMarket, ContractRefused, NotAccountOwner", async () => {
    const { config, plimsoll, alice, bob } = traders;
    const { eid } = devnetChain("alder");
    await expect(setWeights(config, plimsoll, { weights: [{ eid, weight: 1 }] })).rejects.toThrow(NoMarket);
    const twice = [1, 2].map((weight) => ({ eid: birch.eid, weight }));
    await expect(setWeights(config, plimsoll, { weights: twice })).rejects.toThrow(ContractRefused);
    const [owner = "0x" as const] = await alice.getAccounts();
    const account = makeAccountId(owner);
    await expect(setWeights(config, plimsoll, { account, weights: [], connector: bob })).rejects.toThrow(
      NotAccountOwner,
    );
  });
});
