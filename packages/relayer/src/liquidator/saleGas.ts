/** Before a sale of so many positions was seen. */
const firstSaleGas = 900_000n;

/** What sales use, by how many positions they move: as the last one of that many did. */
export interface SaleGas {
  of(positions: number): bigint;
  saw(positions: number, gas: bigint): void;
}

/** @example const saleGas = createSaleGas(); */
export function createSaleGas(): SaleGas {
  const seen = new Map<number, bigint>();
  return {
    of: (positions) => seen.get(positions) ?? firstSaleGas,
    saw: (positions, gas) => void seen.set(positions, gas),
  };
}
