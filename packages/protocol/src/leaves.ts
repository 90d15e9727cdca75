import { type Address, bytesToHex, type Hex, hexToBytes } from "viem";
import type { AccountStatus, InstrumentPrices } from "./epoch.ts";
import type { AccountId, Eid, InstrumentId } from "./ids.ts";
import { keccak, keccakText } from "./keccak.ts";
import { writePackedInt64 } from "./packed.ts";

/** What one account may lose at one consumer, USD with 8 decimals. */
export interface AccountLeaf {
  readonly account: AccountId;
  readonly consumer: Address;
  readonly status: AccountStatus;
  readonly grossLimit: bigint;
  readonly allotment: BigInt64Array;
}

/** One instrument at one epoch, USD with 8 decimals, all a unit. */
export interface InstrumentLeaf extends InstrumentPrices {
  readonly instrument: InstrumentId;
}

/** How much of one asset a vault may pay an account in all, in the token's own decimals. */
export interface WithdrawalLeaf {
  readonly account: AccountId;
  readonly vault: Address;
  readonly asset: Address;
  /** At any time. */
  readonly approvedTotal: bigint;
  /** Once operators have been silent for the vault's exit delay. */
  readonly exitTotal: bigint;
}

/** Against whom an insolvent account's positions at a consumer are closed, the first one first. */
export interface DeleverageLeaf {
  readonly account: AccountId;
  readonly consumer: Address;
  readonly queue: readonly AccountId[];
}

const wordBytes = 32;
const typeHashes = {
  account: keccakText("AccountLeaf(bytes32 account,address consumer,uint8 status,uint128 grossLimit,bytes allotment)"),
  instrument: keccakText(
    "InstrumentLeaf(bytes32 instrument,uint8 status,uint64 mark,uint64 notional,uint64 charge,uint64 settlement,int64 funding,uint32 stressBps,bytes prices)",
  ),
  withdrawal: keccakText(
    "WithdrawalLeaf(bytes32 account,address vault,address asset,uint128 approvedTotal,uint128 exitTotal)",
  ),
  deleverage: keccakText("DeleverageLeaf(bytes32 account,address consumer,bytes32[] queue)"),
  chainRoot: keccakText("ChainRoot(uint32 eid,bytes32 root)"),
};

/** One struct being encoded: 32 bytes a word, numbers right-aligned, as `abi.encode` lays them out. */
class Words {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(typeHash: Uint8Array, fields: number) {
    this.#bytes = new Uint8Array((1 + fields) * wordBytes);
    this.#bytes.set(typeHash);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Right-aligned, from the digits of `hex`. */
  hex(word: number, hex: Hex): void {
    const digits = hex.length - 2;
    const end = (word + 1) * wordBytes;
    for (let byte = 0; byte < digits / 2; byte++) {
      this.#bytes[end - digits / 2 + byte] = (digitAt(hex, 2 + 2 * byte) << 4) | digitAt(hex, 3 + 2 * byte);
    }
  }

  uint128(word: number, value: bigint): void {
    const end = (word + 1) * wordBytes;
    this.#view.setBigUint64(end - 8, value);
    this.#view.setBigUint64(end - 16, value >> 64n);
  }

  /** Sign-extended over the whole word. */
  int64(word: number, value: bigint): void {
    const start = word * wordBytes;
    const extension = value < 0n ? -1n : 0n;
    for (let at = start; at < start + 24; at += 8) this.#view.setBigInt64(at, extension);
    this.#view.setBigInt64(start + 24, value);
  }

  /** keccak256 of the packed array: how EIP-712 encodes `bytes`. */
  packed(word: number, values: BigInt64Array): void {
    const packed = new Uint8Array(8 * values.length);
    writePackedInt64(values, new DataView(packed.buffer));
    this.#bytes.set(keccak(packed), word * wordBytes);
  }

  /** keccak256 of the words one after the other: how EIP-712 encodes `bytes32[]`. */
  list(word: number, words: readonly Hex[]): void {
    const joined = new Uint8Array(words.length * wordBytes);
    for (const [index, item] of words.entries()) joined.set(hexToBytes(item), index * wordBytes);
    this.#bytes.set(keccak(joined), word * wordBytes);
  }

  /** Hashed twice, so that no inner node can be passed off as a leaf. */
  leafHash(): Uint8Array {
    return keccak(keccak(this.#bytes));
  }
}

function digitAt(hex: string, index: number): number {
  const code = hex.charCodeAt(index);
  return code < 0x3a ? code - 0x30 : (code | 0x20) - 0x57;
}

const accountWords = new Words(typeHashes.account, 5);
const instrumentWords = new Words(typeHashes.instrument, 9);
const withdrawalWords = new Words(typeHashes.withdrawal, 5);
const deleverageWords = new Words(typeHashes.deleverage, 3);
const chainRootWords = new Words(typeHashes.chainRoot, 2);

/** The hash of an account leaf, as bytes: there are many of them. */
export function accountLeafBytes(leaf: AccountLeaf): Uint8Array {
  accountWords.hex(1, leaf.account);
  accountWords.hex(2, leaf.consumer);
  accountWords.uint128(3, BigInt(leaf.status));
  accountWords.uint128(4, leaf.grossLimit);
  accountWords.packed(5, leaf.allotment);
  return accountWords.leafHash();
}

/** The hash of an instrument leaf, as bytes. */
export function instrumentLeafBytes(leaf: InstrumentLeaf): Uint8Array {
  instrumentWords.hex(1, leaf.instrument);
  instrumentWords.uint128(2, BigInt(leaf.status));
  instrumentWords.uint128(3, leaf.mark);
  instrumentWords.uint128(4, leaf.notional);
  instrumentWords.uint128(5, leaf.charge);
  instrumentWords.uint128(6, leaf.settlement);
  instrumentWords.int64(7, leaf.funding);
  instrumentWords.uint128(8, BigInt(leaf.stressBps));
  instrumentWords.packed(9, leaf.prices);
  return instrumentWords.leafHash();
}

/** The hash of a withdrawal leaf, as bytes. */
export function withdrawalLeafBytes(leaf: WithdrawalLeaf): Uint8Array {
  withdrawalWords.hex(1, leaf.account);
  withdrawalWords.hex(2, leaf.vault);
  withdrawalWords.hex(3, leaf.asset);
  withdrawalWords.uint128(4, leaf.approvedTotal);
  withdrawalWords.uint128(5, leaf.exitTotal);
  return withdrawalWords.leafHash();
}

/** The hash of a deleveraging queue's leaf, as bytes. */
export function deleverageLeafBytes(leaf: DeleverageLeaf): Uint8Array {
  deleverageWords.hex(1, leaf.account);
  deleverageWords.hex(2, leaf.consumer);
  deleverageWords.list(3, leaf.queue);
  return deleverageWords.leafHash();
}

/** The hash of a chain's sub-root, as bytes. */
export function chainRootLeafBytes(eid: Eid, root: Hex): Uint8Array {
  chainRootWords.uint128(1, BigInt(eid));
  chainRootWords.hex(2, root);
  return chainRootWords.leafHash();
}

/** The hash of an account leaf. */
export function hashAccountLeaf(leaf: AccountLeaf): Hex {
  return bytesToHex(accountLeafBytes(leaf));
}

/** The hash of an instrument leaf. */
export function hashInstrumentLeaf(leaf: InstrumentLeaf): Hex {
  return bytesToHex(instrumentLeafBytes(leaf));
}

/** The hash of a withdrawal leaf. */
export function hashWithdrawalLeaf(leaf: WithdrawalLeaf): Hex {
  return bytesToHex(withdrawalLeafBytes(leaf));
}

/** The hash of a deleveraging queue's leaf. */
export function hashDeleverageLeaf(leaf: DeleverageLeaf): Hex {
  return bytesToHex(deleverageLeafBytes(leaf));
}

/** The hash of a chain's sub-root: a leaf of the tree that is signed. */
export function hashChainRoot(eid: Eid, root: Hex): Hex {
  return bytesToHex(chainRootLeafBytes(eid, root));
}
