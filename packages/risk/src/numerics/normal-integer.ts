import { expQ128 } from "./exp.ts";
import { fractionBits, oneQ128, piQ128 } from "./q128.ts";
import { integerSqrt } from "./sqrt.ts";

const nodesPerUnit = 64;
const nodeBits = 6n;
const lastNode = 14 * nodesPerUnit;
const terms = 18;

/** Taylor coefficients of the upper tail 1 - N(x) about i / 64, i = 0..896; made when first used (about 10 ms). */
let tables: bigint[][] | undefined;

/** 1 / sqrt(2 pi). */
function densityAtZero(): bigint {
  return (oneQ128 << fractionBits) / integerSqrt((2n * piQ128) << fractionBits);
}

/**
 * With f = 1 - N, f' = -phi and f'' = -x f', so the coefficients about x obey
 * (n + 2)(n + 1) a[n + 2] = -x (n + 1) a[n + 1] - n a[n].
 */
function coefficients(node: number, tail: bigint, density: bigint): bigint[] {
  const a = [tail, -density];
  for (let n = 0; n + 2 < terms; n++) {
    const [next = 0n, current = 0n] = [a[n + 1], a[n]];
    const sum = -((BigInt(node * (n + 1)) * next) >> nodeBits) - BigInt(n) * current;
    a.push(sum / BigInt((n + 1) * (n + 2)));
  }
  return a;
}

/** The polynomial at h, by Horner's rule. */
function evaluate(a: readonly bigint[], h: bigint): bigint {
  let sum = 0n;
  for (let n = a.length - 1; n >= 0; n--) sum = ((sum * h) >> fractionBits) + (a[n] ?? 0n);
  return sum;
}

function makeTables(): bigint[][] {
  const made: bigint[][] = [];
  const atZero = densityAtZero();
  let tail = oneQ128 >> 1n;
  for (let node = 0; node <= lastNode; node++) {
    const squareHalf = (BigInt(node * node) << fractionBits) >> (2n * nodeBits + 1n);
    const density = (atZero * expQ128(-squareHalf)) >> fractionBits;
    const a = coefficients(node, tail, density);
    made.push(a);
    tail = evaluate(a, oneQ128 >> nodeBits);
  }
  return made;
}

/**
 * The standard normal distribution's N(x), argument and result Q128, within 2^-108 (3e-33).
 *
 * Past 14 standard deviations the tail (8e-45) is nothing at this precision: 0 or one.
 */
export function normalCdfQ128(x: bigint): bigint {
  const tail = upperTail(x < 0n ? -x : x);
  return x < 0n ? tail : oneQ128 - tail;
}

function upperTail(x: bigint): bigint {
  tables ??= makeTables();
  const node = (x + (oneQ128 >> (nodeBits + 1n))) >> (fractionBits - nodeBits);
  const a = node < BigInt(lastNode) ? tables[Number(node)] : undefined;
  if (a === undefined) return 0n;
  const tail = evaluate(a, x - (node << (fractionBits - nodeBits)));
  return tail < 0n ? 0n : tail;
}
