import fc from "fast-check";
import { bytesToHex, concatHex, encodeAbiParameters, type Hex, keccak256, toBytes } from "viem";
import { expect, test } from "vitest";
import type { AccountStatus, InstrumentStatus } from "./epoch.ts";
import {
  hashAccountLeaf,
  hashChainRoot,
  hashDeleverageLeaf,
  hashInstrumentLeaf,
  hashWithdrawalLeaf,
} from "./leaves.ts";
import { packInt64 } from "./packed.ts";

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((content): Hex => bytesToHex(content));
const uint = (bits: bigint) => fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
const int64s = fc.array(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), { maxLength: 40 });

/** A struct's hash as EIP-712 defines it, with viem's encoder. */
function leafHash(type: string, types: readonly string[], values: readonly unknown[]): Hex {
  const typeHash = keccak256(toBytes(type));
  const parameters = ["bytes32", ...types].map((name) => ({ type: name }));
  return keccak256(keccak256(encodeAbiParameters(parameters, [typeHash, ...values])));
}

test("default: account leaves are hashed as EIP-712 structs, twice", () => {
  fc.assert(
    fc.property(
      hex(32),
      hex(20),
      fc.constantFrom(0, 1, 2, 3),
      uint(128n),
      int64s,
      (account, consumer, status, limit, losses) => {
        const allotment = BigInt64Array.from(losses);
        const leaf = { account, consumer, status: status as AccountStatus, grossLimit: limit, allotment };
        const expected = leafHash(
          "AccountLeaf(bytes32 account,address consumer,uint8 status,uint128 grossLimit,bytes allotment)",
          ["bytes32", "address", "uint8", "uint128", "bytes32"],
          [account, consumer, status, limit, keccak256(packInt64(allotment))],
        );
        expect(hashAccountLeaf(leaf)).toBe(expected);
      },
    ),
  );
});

test("default: instrument leaves", () => {
  fc.assert(
    fc.property(
      hex(32),
      fc.record({ status: fc.constantFrom(0, 1, 2), stressBps: fc.nat({ max: 2 ** 32 - 1 }) }),
      fc.record({ mark: uint(64n), notional: uint(64n), charge: uint(64n), settlement: uint(64n) }),
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      int64s,
      (instrument, { status, stressBps }, { mark, notional, charge, settlement }, funding, row) => {
        const prices = BigInt64Array.from(row);
        const expected = leafHash(
          "InstrumentLeaf(bytes32 instrument,uint8 status,uint64 mark,uint64 notional,uint64 charge,uint64 settlement,int64 funding,uint32 stressBps,bytes prices)",
          ["bytes32", "uint8", "uint64", "uint64", "uint64", "uint64", "int64", "uint32", "bytes32"],
          [instrument, status, mark, notional, charge, settlement, funding, stressBps, keccak256(packInt64(prices))],
        );
        const terms = { status: status as InstrumentStatus, mark, notional, charge, settlement, funding, stressBps };
        expect(hashInstrumentLeaf({ instrument, ...terms, prices })).toBe(expected);
      },
    ),
  );
});

test("default: deleveraging queues, of any length", () => {
  fc.assert(
    fc.property(hex(32), hex(20), fc.array(hex(32), { maxLength: 70 }), (account, consumer, queue) => {
      const expected = leafHash(
        "DeleverageLeaf(bytes32 account,address consumer,bytes32[] queue)",
        ["bytes32", "address", "bytes32"],
        [account, consumer, keccak256(concatHex(queue))],
      );
      expect(hashDeleverageLeaf({ account, consumer, queue })).toBe(expected);
    }),
  );
});

test("default: withdrawal leaves and sub-roots", () => {
  fc.assert(
    fc.property(
      hex(32),
      hex(20),
      hex(20),
      uint(128n),
      uint(128n),
      uint(32n),
      (account, vault, asset, approvedTotal, exitTotal, eid) => {
        expect(hashWithdrawalLeaf({ account, vault, asset, approvedTotal, exitTotal })).toBe(
          leafHash(
            "WithdrawalLeaf(bytes32 account,address vault,address asset,uint128 approvedTotal,uint128 exitTotal)",
            ["bytes32", "address", "address", "uint128", "uint128"],
            [account, vault, asset, approvedTotal, exitTotal],
          ),
        );
        expect(hashChainRoot(Number(eid), account)).toBe(
          leafHash("ChainRoot(uint32 eid,bytes32 root)", ["uint32", "bytes32"], [Number(eid), account]),
        );
      },
    ),
  );
});
