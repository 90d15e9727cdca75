import type { Plimsoll } from "../createPlimsoll.ts";
import { type Liquidation, liquidationsSchema } from "../node/liquidationSchema.ts";
import { type RequestNodeErrorType, requestNode } from "../node/requestNode.ts";

/** Ascending by chain, market and account. */
export type GetLiquidationsReturnType = readonly Liquidation[];
export type GetLiquidationsErrorType = RequestNodeErrorType;

/**
 * The books that the newest attested epoch says are to be sold by auction, taken over by the backstop or closed against
 * others, of all accounts on all chains.
 *
 * @throws {NodeUnreachable}
 * @throws {NodeProblem} with code `no-epoch-yet` before the first epoch
 * @example
 * const books = await getLiquidations(plimsoll);
 * books.map(({ account, gross, grossLimit }) => `${account}: ${formatUsd(gross - grossLimit)} USD for sale`);
 */
export function getLiquidations(plimsoll: Plimsoll): Promise<GetLiquidationsReturnType> {
  return requestNode(plimsoll, { path: "/v1/liquidations", schema: liquidationsSchema });
}
