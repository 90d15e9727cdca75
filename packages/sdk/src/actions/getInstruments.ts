import type { Plimsoll } from "../createPlimsoll.ts";
import { fetchInstruments } from "../node/fetchInstruments.ts";
import type { ListedInstrument } from "../node/instrumentSchema.ts";
import type { RequestNodeErrorType } from "../node/requestNode.ts";

/** Ascending by id. */
export type GetInstrumentsReturnType = readonly ListedInstrument[];
export type GetInstrumentsErrorType = RequestNodeErrorType;

/**
 * The instruments that have a leaf in the newest attested epoch: what can be traded, reduced or settled, on every chain
 * with a consumer.
 *
 * @throws {NodeUnreachable}
 * @throws {NodeProblem} with code `no-epoch-yet` before the first epoch
 * @example
 * const instruments = await getInstruments(plimsoll);
 * instruments.map(({ instrument, mark }) => `${idToName(instrument)}: ${formatUsd(mark)}`);
 */
export function getInstruments(plimsoll: Plimsoll): Promise<GetInstrumentsReturnType> {
  return fetchInstruments(plimsoll);
}
