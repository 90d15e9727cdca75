import { attestationDigest } from "@plimsoll/protocol/attestation";
import { checkPortfolioChange, type PortfolioChangeVerdict } from "@plimsoll/protocol/consumer-check";
import type { InstrumentPrices } from "@plimsoll/protocol/epoch";
import type { InstrumentId } from "@plimsoll/protocol/ids";
import {
  hashAccountLeaf,
  hashChainRoot,
  hashDeleverageLeaf,
  hashInstrumentLeaf,
  hashWithdrawalLeaf,
} from "@plimsoll/protocol/leaves";
import { verifyProof } from "@plimsoll/protocol/merkle";
import { verifyMultiProof } from "@plimsoll/protocol/multi-proof";
import { type Address, encodeErrorResult, type Hex, hashTypedData } from "viem";
import { marginConsumerAbi } from "../../generated/abi/MarginConsumer.ts";
import type { CaseProofs } from "./encode.ts";
import type { Case, Order } from "./randomCase.ts";

const orderTypes = {
  Order: [
    { name: "account", type: "bytes32" },
    { name: "instrument", type: "bytes32" },
    { name: "size", type: "int128" },
    { name: "limitPrice", type: "uint64" },
    { name: "expiry", type: "uint64" },
    { name: "series", type: "uint64" },
    { name: "salt", type: "uint64" },
  ],
} as const;

function orderDigest(order: Order, chainId: number, market: Address): Hex {
  const domain = { name: "Plimsoll Market", version: "1", chainId, verifyingContract: market };
  return hashTypedData({ domain, types: orderTypes, primaryType: "Order", message: { ...order } });
}

/** What `hashAll` should answer, by packages/protocol and viem. */
export function expectedHashes(c: Case, proofs: CaseProofs, chainId: number, market: Address) {
  const { withdrawal, deleverage, chain, margin } = proofs;
  const root = chain.chainRoot;
  const hashes = {
    accounts: margin.accounts.map(hashAccountLeaf),
    withdrawal: hashWithdrawalLeaf(withdrawal.leaf),
    deleverage: hashDeleverageLeaf(deleverage.leaf),
    chainRoot: hashChainRoot(c.eid, root),
    instruments: margin.instruments.map(hashInstrumentLeaf),
    headerDigest: attestationDigest(c.epoch.header, c.salt),
    orderDigest: orderDigest(c.order, chainId, market),
  };
  return {
    ...hashes,
    marginProven: verifyMultiProof(root, [...hashes.instruments, ...hashes.accounts], margin),
    withdrawalProven: verifyProof(root, hashes.withdrawal, withdrawal.proof),
    deleverageProven: verifyProof(root, hashes.deleverage, deleverage.proof),
    chainProven: verifyProof(c.epoch.header.root, hashes.chainRoot, chain.chainPath),
  };
}

export function expectedVerdict(c: Case): PortfolioChangeVerdict {
  const held = new Set<InstrumentId>([...c.before.positions.keys(), c.changed]);
  const instruments = new Map<InstrumentId, InstrumentPrices>();
  for (const id of held) instruments.set(id, c.epoch.instruments.get(id) as InstrumentPrices);
  const consumer = [...c.epoch.chains.values()][0]?.allotments.values().next().value;
  const allotment = c.hasLeaf && !c.expired ? (consumer?.get(c.account) ?? null) : null;
  const against = { epoch: c.epoch.header.epoch, instruments, allotment, scenarios: c.scenarios };
  return checkPortfolioChange(c.before, c.after, against);
}

/** The revert data that the verdict stands for: empty if the change is allowed. */
export function refusalOf(verdict: PortfolioChangeVerdict, account: Hex): Hex {
  if (verdict.allowed) return "0x";
  if (verdict.reason === "instrument-reduce-only") {
    const args = [account, verdict.instrument] as const;
    return encodeErrorResult({ abi: marginConsumerAbi, errorName: "InstrumentReduceOnly", args });
  }
  if (verdict.reason === "only-reductions-allowed") {
    const args = [account, BigInt(verdict.scenario)] as const;
    return encodeErrorResult({ abi: marginConsumerAbi, errorName: "OnlyReductionsAllowed", args });
  }
  if (verdict.reason === "allotment-exceeded") {
    const args = [account, BigInt(verdict.scenario), verdict.excess] as const;
    return encodeErrorResult({ abi: marginConsumerAbi, errorName: "AllotmentExceeded", args });
  }
  const args = [account, verdict.gross, verdict.grossLimit] as const;
  return encodeErrorResult({ abi: marginConsumerAbi, errorName: "GrossLimitExceeded", args });
}
