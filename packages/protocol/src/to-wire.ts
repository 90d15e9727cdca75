import type { Hex } from "viem";
import { type AccountStatus, accountStatus, type Header, type InstrumentPrices } from "./epoch.ts";
import type { InstrumentId } from "./ids.ts";
import type { DeleverageLeaf, InstrumentLeaf, WithdrawalLeaf } from "./leaves.ts";
import { packInt64 } from "./packed.ts";
import type { ChainPath, MarginProof, Proven } from "./proofs.ts";
import type {
  AccountStatusName,
  AttestationJson,
  DeleverageProofJson,
  HeaderJson,
  InstrumentJson,
  InstrumentLeafJson,
  InstrumentProofJson,
  MarginProofJson,
  WithdrawalProofJson,
} from "./wire.ts";

/** A status as people read it. */
export function statusName(status: AccountStatus): AccountStatusName {
  switch (status) {
    case accountStatus.active:
      return "active";
    case accountStatus.reduceOnly:
      return "reduce-only";
    case accountStatus.liquidatable:
      return "liquidatable";
    case accountStatus.insolvent:
      return "insolvent";
  }
}

/** A header as JSON. */
export function headerToWire(header: Header): HeaderJson {
  return { ...header };
}

/** An attestation as JSON: header, the way to one chain's sub-root, and signatures joined by `joinSignatures`. */
export function attestationToWire(header: Header, path: ChainPath, signatures: Hex): AttestationJson {
  return {
    header: headerToWire(header),
    chainRoot: path.chainRoot,
    chainPath: [...path.chainPath],
    signatures,
  };
}

/** Leaves with one proof for all of them as JSON: with an attestation, what a market takes. */
export function marginProofToWire({ accounts, instruments, siblings, steps }: MarginProof): MarginProofJson {
  return {
    accounts: accounts.map((leaf) => ({
      ...leaf,
      grossLimit: leaf.grossLimit.toString(),
      allotment: packInt64(leaf.allotment),
    })),
    instruments: instruments.map(instrumentLeafToWire),
    siblings: [...siblings],
    steps,
  };
}

function instrumentLeafToWire(leaf: InstrumentLeaf): InstrumentLeafJson {
  return { ...instrumentToWire(leaf.instrument, leaf), prices: packInt64(leaf.prices) };
}

/** What an instrument's leaf says but for its risk array, as JSON. */
export function instrumentToWire(instrument: InstrumentId, leaf: Omit<InstrumentPrices, "prices">): InstrumentJson {
  return {
    instrument,
    status: leaf.status,
    mark: leaf.mark.toString(),
    notional: leaf.notional.toString(),
    charge: leaf.charge.toString(),
    settlement: leaf.settlement.toString(),
    funding: leaf.funding.toString(),
    stressBps: leaf.stressBps,
  };
}

/** An instrument's leaf and proof as JSON, with the attestation they hang from. */
export function instrumentProofToWire(
  attestation: AttestationJson,
  { leaf, proof }: Proven<InstrumentLeaf>,
): InstrumentProofJson {
  return { attestation, leaf: instrumentLeafToWire(leaf), proof: [...proof] };
}

/** A deleveraging queue with its proof, and the leaves of accounts in it, as JSON. */
export function deleverageProofToWire(
  attestation: AttestationJson,
  { leaf, proof }: Proven<DeleverageLeaf>,
  margin: MarginProof,
): DeleverageProofJson {
  return { attestation, leaf: { ...leaf, queue: [...leaf.queue] }, proof: [...proof], ...marginProofToWire(margin) };
}

/** A withdrawal's leaf and proof as JSON, with the attestation they hang from. */
export function withdrawalProofToWire(
  attestation: AttestationJson,
  { leaf, proof }: Proven<WithdrawalLeaf>,
): WithdrawalProofJson {
  return {
    attestation,
    leaf: {
      account: leaf.account,
      vault: leaf.vault,
      asset: leaf.asset,
      approvedTotal: leaf.approvedTotal.toString(),
      exitTotal: leaf.exitTotal.toString(),
    },
    proof: [...proof],
  };
}
