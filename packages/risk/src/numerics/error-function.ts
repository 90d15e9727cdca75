import { exp } from "./exp-double.ts";

// W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969),
// 631-637: minimax quotients of polynomials on three intervals of x, with the coefficients for 18 digits, each cut to the nearest double.

/** x <= 0.46875: erf(x) = x * R(x^2). Coefficients from the constant term up. */
const erfNumerator = [
  3209.3775891384694, 377.485237685302, 113.86415415105016, 3.1611237438705655, 0.18577770618460315,
];
const erfDenominator = [2844.236833439171, 1282.6165260773723, 244.02463793444417, 23.601290952344122, 1];

/** 0.46875 <= x <= 4: erfc(x) = exp(-x^2) * R(x). */
const middleNumerator = [
  1230.3393547979972, 2051.0783778260716, 1712.0476126340707, 881.952221241769, 298.6351381974001, 66.11919063714163,
  8.883149794388377, 0.5641884969886701, 2.1531153547440383e-8,
];
const middleDenominator = [
  1230.3393548037495, 3439.3676741437216, 4362.619090143247, 3290.7992357334597, 1621.3895745666903, 537.1811018620099,
  117.6939508913125, 15.744926110709835, 1,
];

/** x >= 4: erfc(x) = exp(-x^2) / x * (1 / sqrt(pi) + R(1 / x^2) / x^2). */
const farNumerator = [
  -0.0006587491615298378, -0.016083785148742275, -0.12578172611122926, -0.36034489994980445, -0.30532663496123236,
  -0.016315387137302097,
];
const farDenominator = [
  0.0023352049762686918, 0.06051834131244132, 0.5279051029514285, 1.8729528499234604, 2.568520192289822, 1,
];

const inverseSqrtPi = 0.5641895835477563;

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + (coefficients[i] as number);
  return sum;
}

/**
 * exp(-x * x / 2), with the square's rounding error made good: x is cut to sixteenths, whose square is exact, so that
 * the large exponent carries no error and the rest is small.
 */
export function gaussian(x: number): number {
  const cut = Math.trunc(x * 16) / 16;
  return exp(-0.5 * cut * cut) * exp(-0.5 * (x - cut) * (x + cut));
}

/** exp(-x * x), likewise. */
function squareExponential(x: number): number {
  const cut = Math.trunc(x * 16) / 16;
  return exp(-cut * cut) * exp(-(x - cut) * (x + cut));
}

/** exp(x * x) * erfc(x) for x >= 0.46875: what is left when the exponential is taken out. */
function scaledErfc(x: number): number {
  if (x <= 4) return polynomial(middleNumerator, x) / polynomial(middleDenominator, x);
  const inverseSquare = 1 / (x * x);
  const correction =
    (inverseSquare * polynomial(farNumerator, inverseSquare)) / polynomial(farDenominator, inverseSquare);
  return (inverseSqrtPi + correction) / x;
}

/**
 * The complementary error function, within 1e-15 of its value (relatively) where that is a normal double: x < 26.5.
 * @example erfc(0) // 1
 */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return 1 - (x * polynomial(erfNumerator, x * x)) / polynomial(erfDenominator, x * x);
  const tail = squareExponential(size) * scaledErfc(size);
  return x < 0 ? 2 - tail : tail;
}

/** sqrt(2 pi) * exp(x * x / 2) * N(-x), Mills' ratio times sqrt(2 pi) over phi, for x >= 0. */
export function millsRatio(x: number): number {
  const scaled = x * Math.SQRT1_2;
  if (scaled < 0.46875) return (erfc(scaled) / 2) * exp(scaled * scaled) * Math.sqrt(2 * Math.PI);
  return scaledErfc(scaled) * Math.sqrt(Math.PI / 2);
}
