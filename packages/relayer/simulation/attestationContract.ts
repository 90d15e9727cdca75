import { splitSignatures } from "@plimsoll/protocol/attestation";
import type { AttestationJson } from "@plimsoll/protocol/wire";
import { type Address, concat, type Hex } from "viem";
import type { AttestationContract } from "../src/posting/contract.ts";
import { type AttestationRules, refusalOf } from "./contracts.ts";
import { SimulatedFault } from "./errors.ts";
import type { OnLeaving } from "./network.ts";
import { answering, type EndpointOptions } from "./transactions.ts";

/** What calls say, by their data: as much of it as their gas depends on. */
export type Calls = Map<Hex, AttestationJson>;

const address: Address = `0x${"a7".repeat(20)}`;
const gas = 60_000n;

/** The attestations of one chain, behind an endpoint as a poster asks it. */
export function simulatedAttestationContract(
  options: EndpointOptions & {
    readonly rules: AttestationRules;
    readonly calls: Calls;
    readonly onLeaving: OnLeaving;
  },
): AttestationContract {
  const { me, chain, mempool, random, faults, rules, calls, onLeaving } = options;
  const later = answering(options);
  return {
    address,
    newestEpoch: () =>
      later(() => {
        if (faults.strikes("rpc-failed")) throw new SimulatedFault("the endpoint does not answer");
        if (faults.strikes("rpc-empty")) return null;
        if (faults.strikes("rpc-contradictory")) return (chain.head().state.postedEpoch ?? 0) + random.below(4);
        const stale = faults.strikes("rpc-stale") ? 3 : 0;
        const block = chain.blocks[Math.max(0, chain.head().number - stale)] ?? chain.head();
        return block.state.postedEpoch;
      }),
    simulate(attestation, at) {
      onLeaving(me, attestation.header, splitSignatures(attestation.signatures));
      return later(() => {
        if (faults.strikes("rpc-failed")) throw new SimulatedFault("the endpoint does not answer");
        const revert = refusalOf(rules, chain.eid, attestation, chain.head().state, chain.nowSeconds());
        if (revert !== null) return { revert };
        const { epoch } = attestation.header;
        const isLate = (data: Hex) => (calls.get(data)?.header.epoch ?? 0) >= epoch;
        return at === "pending" && mempool.some(isLate) ? { revert: "StaleEpoch" } : { gas };
      });
    },
    encode(attestation) {
      const { header, chainRoot, chainPath, signatures } = attestation;
      const data = concat([rules.digest(header), chainRoot, ...chainPath, signatures]);
      calls.set(data, attestation);
      return data;
    },
  };
}
