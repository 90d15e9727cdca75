import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { encodeErrorResult, type Hex, pad } from "viem";
import { describe, expect, test } from "vitest";
import {
  ContractRefused,
  GrossLimitExceeded,
  InstrumentReduceOnly,
  OnlyReductionsAllowed,
  StaleProof,
} from "../errors/contract.ts";
import { decodeRevert } from "./decodeRevert.ts";
import { errorAbi } from "./errorAbi.ts";
import { hints } from "./hints.ts";

const account = pad("0x01", { dir: "right" });
const abi = derivativeMarketAbi;
/** As viem nests it: the RPC's error under its own. */
const revertWith = (data: Hex) => new Error("call", { cause: Object.assign(new Error("rpc"), { data }) });

describe("decodeRevert", () => {
  test("default: the contract's error becomes a class", () => {
    const data = encodeErrorResult({ abi, errorName: "GrossLimitExceeded", args: [account, 5n, 4n] });
    const error = decodeRevert(revertWith(data));
    expect(error).toBeInstanceOf(GrossLimitExceeded);
    expect(error).toMatchObject({ account, gross: 5n, grossLimit: 4n });
  });

  test("behavior: which instrument may only shrink", () => {
    const instrument = pad("0x02", { dir: "right" });
    const data = encodeErrorResult({ abi, errorName: "InstrumentReduceOnly", args: [account, instrument] });
    const error = decodeRevert(revertWith(data));
    expect(error).toBeInstanceOf(InstrumentReduceOnly);
    expect(error).toMatchObject({ account, instrument });
  });

  test("behavior: data nested once more, as some wallets do", () => {
    const data = encodeErrorResult({ abi, errorName: "OnlyReductionsAllowed", args: [account, 2n] });
    const error = decodeRevert(Object.assign(new Error("wallet"), { data: { code: 3, data } }));
    expect(error).toBeInstanceOf(OnlyReductionsAllowed);
    expect(error).toMatchObject({ scenario: 2 });
  });

  test("behavior: a proof against another root is stale", () => {
    const data = encodeErrorResult({ abi, errorName: "InvalidMarginProof", args: [9n] });
    expect(decodeRevert(revertWith(data))).toBeInstanceOf(StaleProof);
  });

  test("behavior: an error without a class keeps its name and says what to do", () => {
    const data = encodeErrorResult({ abi, errorName: "OrderExpired", args: [account, 9n] });
    const error = decodeRevert(revertWith(data));
    expect(error).toBeInstanceOf(ContractRefused);
    expect(error).toMatchObject({ errorName: "OrderExpired", hint: hints.OrderExpired });
  });

  test("behavior: unknown data is a refusal without a name", () => {
    expect(decodeRevert(revertWith("0xdeadbeef"))).toMatchObject({ errorName: null, code: "CONTRACT_REFUSED" });
  });

  test("behavior: what is no refusal is null", () => {
    expect(decodeRevert(new Error("connection refused"))).toBeNull();
  });

  test("behavior: every hint is for an error that there is", () => {
    const names = errorAbi.map((item) => ("name" in item ? item.name : ""));
    expect(Object.keys(hints).filter((name) => !names.includes(name))).toEqual([]);
  });
});
