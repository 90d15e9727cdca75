import { bytesToHex, type Hex, hexToBytes } from "viem";
import { CorruptEpoch } from "./errors.ts";

/** Appends big-endian numbers and bytes to an array that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(1 << 12);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #reserve(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }

  uint8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
  }

  uint64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value);
  }

  uint128(value: bigint): void {
    this.uint64(value >> 64n);
    this.uint64(BigInt.asUintN(64, value));
  }

  hex(value: Hex): void {
    const bytes = hexToBytes(value);
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** The count in one byte, then the numbers. */
  int64s(values: BigInt64Array): void {
    this.uint8(values.length);
    const at = this.#reserve(8 * values.length);
    for (let index = 0; index < values.length; index++) this.#view.setBigInt64(at + 8 * index, values[index] ?? 0n);
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what `ByteWriter` wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length) throw new CorruptEpoch("it ends too early");
    this.#at += count;
    return start;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  uint128(): bigint {
    return (this.uint64() << 64n) | this.uint64();
  }

  hex(count: number): Hex {
    const start = this.#take(count);
    return bytesToHex(this.#bytes.subarray(start, start + count));
  }

  int64s(): BigInt64Array {
    const count = this.uint8();
    const start = this.#take(8 * count);
    return BigInt64Array.from({ length: count }, (_, index) => this.#view.getBigInt64(start + 8 * index));
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new CorruptEpoch("bytes follow its end");
  }
}
