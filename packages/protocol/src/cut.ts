import { encodeAbiParameters, type Hex, keccak256 } from "viem";
import type { Cut } from "./state.ts";

const cutParameters = [
  {
    type: "tuple[]",
    components: [
      { name: "eid", type: "uint32" },
      { name: "number", type: "uint64" },
      { name: "hash", type: "bytes32" },
      { name: "timestamp", type: "uint64" },
    ],
  },
] as const;

/** The hash of a cut; the order in which its blocks are given does not matter. */
export function hashCut(cut: Cut): Hex {
  const blocks = [...cut]
    .sort((a, b) => a.eid - b.eid)
    .map(({ eid, number, hash, timestampSeconds }) => ({
      eid,
      number: BigInt(number),
      hash,
      timestamp: BigInt(timestampSeconds),
    }));
  return keccak256(encodeAbiParameters(cutParameters, [blocks]));
}
