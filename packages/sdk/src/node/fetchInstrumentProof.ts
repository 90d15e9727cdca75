import type { Eid, InstrumentId } from "@plimsoll/protocol/ids";
import { type InstrumentProof, instrumentProofSchema } from "./proofSchemas.ts";
import { type NodePool, requestNode } from "./requestNode.ts";

export interface FetchInstrumentProofParameters {
  readonly eid: Eid;
  readonly instrument: InstrumentId;
  /** The newest attested one by default. */
  readonly epoch?: bigint | undefined;
  readonly skip?: number | undefined;
}

/** An instrument's leaf with a path of its own at one epoch, with the epoch's attestation. */
export function fetchInstrumentProof(
  pool: NodePool,
  parameters: FetchInstrumentProofParameters,
): Promise<InstrumentProof> {
  const { eid, instrument, epoch, skip = 0 } = parameters;
  return requestNode(pool, {
    path: "/v1/proofs/instrument",
    query: { eid: String(eid), instrument, ...(epoch === undefined ? {} : { epoch: String(epoch) }) },
    schema: instrumentProofSchema,
    skip,
  });
}
