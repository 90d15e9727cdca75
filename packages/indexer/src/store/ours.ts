import type { Eid } from "@plimsoll/protocol/ids";
import type { Hex } from "viem";
import type { ChainConfig } from "../config.ts";
import { addressToBytes32 } from "../decode/endpoint.ts";

/** Which senders and receivers of LayerZero messages belong to this deployment. Addresses as 32 bytes. */
export interface OurContracts {
  has(eid: Eid, contract: Hex): boolean;
  isLedger(eid: Eid, contract: Hex): boolean;
}

export function ourContracts(chains: readonly ChainConfig[]): OurContracts {
  const all = new Set<string>();
  const ledgers = new Set<string>();
  for (const { eid, contracts } of chains) {
    const { attestations, vault, consumers, ledger, riskRegistry, operatorRegistry } = contracts;
    for (const address of [attestations, vault, ...consumers, ledger, riskRegistry, operatorRegistry]) {
      if (address !== null) all.add(`${eid}:${addressToBytes32(address)}`);
    }
    if (ledger !== null) ledgers.add(`${eid}:${addressToBytes32(ledger)}`);
  }
  return {
    has: (eid, contract) => all.has(`${eid}:${contract}`),
    isLedger: (eid, contract) => ledgers.has(`${eid}:${contract}`),
  };
}
