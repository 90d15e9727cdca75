import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { type Address, decodeEventLog, type Hex, toEventSelector } from "viem";
import { eventAbi, lower, type RawLog } from "./log.ts";

/** An epoch became a chain's newest. */
export interface EpochPosted {
  readonly type: "posted-epoch";
  readonly epoch: number;
  readonly root: Hex;
  readonly chainRoot: Hex;
  readonly expiresAtSeconds: number;
}

/** The hub's registry changed the operator set, or a chain installed one. */
export interface OperatorSetKnown {
  readonly type: "operator-set";
  readonly source: "registry" | "chain";
  readonly id: number;
  readonly threshold: number;
  readonly members: readonly Address[];
}

const postedAbi = eventAbi(solvencyAttestationsAbi, ["AttestationPosted", "OperatorSetInstalled"]);
const registryAbi = eventAbi(operatorRegistryAbi, ["OperatorSetChanged"]);

export const attestationTopics: readonly Hex[] = postedAbi.map((event) => toEventSelector(event));
export const operatorTopics: readonly Hex[] = registryAbi.map((event) => toEventSelector(event));

export function decodeAttestations(log: RawLog): EpochPosted | OperatorSetKnown {
  const { eventName, args } = decodeEventLog({ abi: postedAbi, topics: log.topics, data: log.data });
  switch (eventName) {
    case "AttestationPosted":
      return {
        type: "posted-epoch",
        epoch: Number(args.epoch),
        root: args.root,
        chainRoot: args.chainRoot,
        expiresAtSeconds: Number(args.expiresAt),
      };
    case "OperatorSetInstalled":
      return { type: "operator-set", source: "chain", ...operatorSet(args) };
  }
}

export function decodeOperators(log: RawLog): OperatorSetKnown {
  const { args } = decodeEventLog({ abi: registryAbi, topics: log.topics, data: log.data });
  return { type: "operator-set", source: "registry", ...operatorSet(args) };
}

function operatorSet(args: { id: number; threshold: number; members: readonly Address[] }) {
  return { id: args.id, threshold: args.threshold, members: args.members.map(lower) };
}
