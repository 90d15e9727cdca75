import { instrumentsSchema, type ListedInstrument } from "./instrumentSchema.ts";
import { type NodePool, requestNode } from "./requestNode.ts";

/** What has a leaf in the newest attested epoch, ascending by id. */
export function fetchInstruments(pool: NodePool): Promise<readonly ListedInstrument[]> {
  return requestNode(pool, { path: "/v1/instruments", schema: instrumentsSchema });
}
