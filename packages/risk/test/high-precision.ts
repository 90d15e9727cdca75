// An independent reference for tests: plain series in 2,400-bit integers, slow, sharing nothing with src/numerics.

/** Fractional bits of everything here. */
export const referenceBits = 2400n;
const one = 1n << referenceBits;

const mul = (a: bigint, b: bigint): bigint => (a * b) >> referenceBits;

/** A double, exactly. */
export function fromDouble(value: number): bigint {
  let scaled = value;
  let shift = 0n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift += 1n;
  }
  return (BigInt(scaled) << referenceBits) >> shift;
}

/** e^x: (e^(x / 2^k))^(2^k), where x / 2^k is so small that Taylor's series is short. */
export function exp(x: bigint): bigint {
  if (x < 0n) return (one * one) / exp(-x);
  const halvings =
    BigInt(x.toString(2).length) > referenceBits - 20n ? BigInt(x.toString(2).length) - referenceBits + 20n : 0n;
  const small = x >> halvings;
  let sum = one;
  let term = one;
  for (let n = 1n; term > 0n; n++) {
    term = mul(term, small) / n;
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = mul(sum, sum);
  return sum;
}

/** ln of a quotient: halve until it is between 1 and 2, then 2 atanh. */
export function lnRatio(numerator: bigint, denominator: bigint): bigint {
  const doubleAtanh = (z: bigint) => {
    let [power, sum] = [z, 0n];
    for (let odd = 1n; power !== 0n && power !== -1n; odd += 2n) {
      sum += power / odd;
      power = mul(mul(power, z), z);
    }
    return 2n * sum;
  };
  let [a, b, twos] = [numerator, denominator, 0n];
  for (; a >= 2n * b; twos++) b *= 2n;
  for (; a < b; twos--) a *= 2n;
  return twos * doubleAtanh(one / 3n) + doubleAtanh(((a - b) * one) / (a + b));
}

/** pi = 16 atan(1/5) - 4 atan(1/239) (Machin). */
function makePi(): bigint {
  const atanInverse = (n: bigint) => {
    let [power, sum] = [one / n, 0n];
    for (let odd = 1n, sign = 1n; power > 0n; odd += 2n, sign = -sign) {
      sum += (sign * power) / odd;
      power /= n * n;
    }
    return sum;
  };
  return 16n * atanInverse(5n) - 4n * atanInverse(239n);
}

/** The integer square root by bisection. */
export function root(value: bigint): bigint {
  let [low, high] = [0n, 1n << BigInt(value.toString(2).length / 2 + 1 - ((value.toString(2).length / 2) % 1))];
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle * middle <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
}

const inverseSqrtTwoPi = (one * one) / root(2n * makePi() * one);

/** N(x) = 1/2 + phi(x) (x + x^3 / 3 + x^5 / (3 5) + ...). */
export function normalCdf(x: bigint): bigint {
  // N(-40) is 1e-350: nothing beside any price. The series' terms grow to e^(x^2 / 2), which takes that many of the
  // fractional bits away: at 40 they leave 1e-375, and past 57 nothing is left.
  if (x < -40n * one) return 0n;
  if (x > 40n * one) return one;
  const square = mul(x, x);
  let [term, sum] = [x, 0n];
  for (let odd = 3n; term > 1n || term < -1n; odd += 2n) {
    sum += term;
    term = mul(term, square) / odd;
  }
  return one / 2n + mul(mul(inverseSqrtTwoPi, exp(-square / 2n)), sum);
}

/** Black's formula: forward and strike as whole numbers, deviation = volatility * sqrt(time). */
export function undiscountedCall(forward: bigint, strike: bigint, deviation: bigint): bigint {
  const d1 = (lnRatio(forward, strike) * one) / deviation + deviation / 2n;
  return forward * normalCdf(d1) - strike * normalCdf(d1 - deviation);
}

/** (value - reference) / reference as a double. */
export function relativeError(value: number, reference: bigint): number {
  return Number(((fromDouble(value) - reference) << 90n) / reference) / 2 ** 90;
}
