/** Reproducible random numbers: Chris Doty-Humphrey's sfc32, 128 bits of state. */
export class Random {
  #a = 0x9e3779b9;
  #b = 0x243f6a88;
  #c = 0xb7e15162;
  #counter: number;

  constructor(seed: number) {
    this.#counter = seed | 0;
    for (let warmUp = 0; warmUp < 16; warmUp++) this.next();
  }

  /** 32 bits. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    return result >>> 0;
  }

  /** `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + (this.next() % (most - least + 1));
  }

  /** True once in `n`. */
  onceIn(n: number): boolean {
    return this.next() % n === 0;
  }

  bits(count: number): bigint {
    let value = 0n;
    for (let have = 0; have < count; have += 32) value = (value << 32n) | BigInt(this.next());
    return BigInt.asUintN(count, value);
  }

  /** Either sign, below 2^bits. Small ones are as likely as large ones: the number of digits is drawn first. */
  signed(bits: number): bigint {
    const magnitude = this.bits(this.integer(0, bits));
    return this.onceIn(2) ? magnitude : -magnitude;
  }

  hex(bytes: number): `0x${string}` {
    return `0x${this.bits(8 * bytes)
      .toString(16)
      .padStart(2 * bytes, "0")}`;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.next() % items.length] as Item;
  }
}
