// Numbers for what is signed: integers that count 2^-128. A product of two is shifted back, towards minus infinity.
// No floating-point function decides a digit, so every machine gets the same bits.

/** Fractional bits of a Q128 number. */
export const fractionBits = 128n;

/** One. */
export const oneQ128 = 1n << fractionBits;

const decimals = 10n ** 60n;

/** A decimal constant of up to 60 decimals: `integer`, with the decimal point 60 digits from its right. */
function fromDecimals(integer: bigint): bigint {
  return (integer * oneQ128 + decimals / 2n) / decimals;
}

/** Pi. */
export const piQ128 = fromDecimals(3_141592653589793238462643383279502884197169399375105820974944n);

/** ln 2. */
export const ln2Q128 = fromDecimals(693147180559945309417232121458176568075500134360255254120680n);

/** The product, rounded down. */
export function mulQ128(a: bigint, b: bigint): bigint {
  return (a * b) >> fractionBits;
}

/** A double's value, for people: the nearest one up to the conversion's last bit. */
export function q128ToNumber(value: bigint): number {
  return Number(value) / 2 ** 128;
}
