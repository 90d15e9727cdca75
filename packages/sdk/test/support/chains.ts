import type { ChainJson } from "@plimsoll/protocol/wire";
import type { Address } from "viem";

export const address = (digit: string): Address => `0x${digit.repeat(40)}`;

/** Two chains as a node describes them: a hub with everything, and one with a vault. */
export const chainsJson: ChainJson[] = [
  {
    eid: 40001,
    chainId: 31337,
    name: "alder",
    hub: false,
    contracts: {
      endpoint: address("1"),
      attestations: address("2"),
      vault: address("3"),
      consumers: [],
      ledger: null,
      riskRegistry: null,
      operatorRegistry: null,
    },
    head: 10,
    finalized: 8,
    indexed: 8,
    postedEpoch: null,
  },
  {
    eid: 40002,
    chainId: 31338,
    name: "birch",
    hub: true,
    contracts: {
      endpoint: address("1"),
      attestations: address("2"),
      vault: null,
      consumers: [address("4"), address("5")],
      ledger: address("6"),
      riskRegistry: address("7"),
      operatorRegistry: address("8"),
    },
    head: -1,
    finalized: -1,
    indexed: -1,
    postedEpoch: 3,
  },
];
