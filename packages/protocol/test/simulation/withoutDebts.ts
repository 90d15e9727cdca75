import { accountStatus, type TransitionInput } from "../../src/epoch.ts";
import { computeEpoch, type TransitionResult } from "../../src/transition/compute-epoch.ts";
import { soundPathRule } from "../../src/transition/path.ts";

/** As if nothing could be left owing by an account that earlier epochs called insolvent. */
export function withoutDebts(input: TransitionInput): TransitionResult {
  const earlier = input.earlier.map((epoch) => {
    const chains = [...epoch.chains].map(([eid, leaves]) => {
      const allotments = [...leaves.allotments].map(([consumer, byAccount]) => {
        const solvent = [...byAccount].filter(([, { status }]) => status !== accountStatus.insolvent);
        return [consumer, new Map(solvent)] as const;
      });
      return [eid, { ...leaves, allotments: new Map(allotments) }] as const;
    });
    return { ...epoch, chains: new Map(chains) };
  });
  return computeEpoch({ ...input, earlier }, soundPathRule);
}
