import type { Eid } from "@plimsoll/protocol/ids";
import type { Address, Hex } from "viem";
import type { ChainConfig } from "../config.ts";
import { UndecodableLogError } from "../errors.ts";
import type { Log } from "../rpc/wire.ts";
import {
  attestationTopics,
  decodeAttestations,
  decodeOperators,
  type EpochPosted,
  type OperatorSetKnown,
  operatorTopics,
} from "./attestation.ts";
import { consumerTopics, decodeConsumer, type PortfolioChanged, type PremiumSampled } from "./consumer.ts";
import { decodeEndpoint, type EndpointEvent, endpointTopics } from "./endpoint.ts";
import { decodeFeed, type FeedAnswered, feedTopics } from "./feed.ts";
import { type CollateralReported, decodeLedger, ledgerTopics, type WeightsSet } from "./ledger.ts";
import type { RawLog } from "./log.ts";
import { decodeRisk, type RiskSettingChanged, riskTopics } from "./risk.ts";
import { decodeVault, type VaultTotalsChanged, vaultTopics } from "./vault.ts";
import type { Watch } from "./watch.ts";

/** Everything that can happen on a chain, as far as this system cares. */
export type ChainEvent =
  | VaultTotalsChanged
  | CollateralReported
  | WeightsSet
  | PortfolioChanged
  | PremiumSampled
  | EpochPosted
  | OperatorSetKnown
  | RiskSettingChanged
  | FeedAnswered
  | EndpointEvent;

/** How to read the logs of one contract. */
interface Reader {
  readonly topics: readonly Hex[];
  decode(log: RawLog): ChainEvent;
  /** Strangers speak through this contract too: what cannot be read was not said by ours, and nothing signed rests on it. */
  readonly strangers?: boolean;
}

/** The contracts of one chain, each with its reader. */
export type Readers = ReadonlyMap<Address, Reader>;

/** Readers of a chain's own contracts, and of the price feeds known by now (hub only). */
export function chainReaders(chain: ChainConfig, feeds: Iterable<Address>): Readers {
  const { contracts, eid } = chain;
  const readers = new Map<Address, Reader>();
  for (const feed of feeds) readers.set(feed, feedReader(feed));
  for (const consumer of contracts.consumers) {
    readers.set(consumer, { topics: consumerTopics, decode: (log) => decodeConsumer(log, consumer) });
  }
  const single: [Address | null, Reader][] = [
    [contracts.endpoint, { topics: endpointTopics, decode: (log) => decodeEndpoint(log, eid), strangers: true }],
    [contracts.attestations, { topics: attestationTopics, decode: decodeAttestations }],
    [contracts.vault, { topics: vaultTopics, decode: decodeVault }],
    [contracts.ledger, { topics: ledgerTopics, decode: decodeLedger }],
    [contracts.riskRegistry, { topics: riskTopics, decode: decodeRisk }],
    [contracts.operatorRegistry, { topics: operatorTopics, decode: decodeOperators }],
  ];
  for (const [address, reader] of single) if (address !== null) readers.set(address, reader);
  return readers;
}

export function feedReader(feed: Address): Reader {
  return { topics: feedTopics, decode: (log) => decodeFeed(log, feed) };
}

export function watchOf(readers: Readers): Watch {
  return new Map([...readers].map(([address, reader]) => [address, new Set(reader.topics)]));
}

/**
 * @throws {UndecodableLogError} the log does not have the form its contract's ABI says.
 */
export function decodeLog(readers: Readers, eid: Eid, log: Log): ChainEvent | null {
  const [first, ...rest] = log.topics;
  const reader = readers.get(log.address);
  if (reader === undefined || first === undefined) return null;
  try {
    return reader.decode({ topics: [first, ...rest], data: log.data });
  } catch (cause) {
    if (reader.strangers) return null;
    throw new UndecodableLogError(
      `log ${log.logIndex} of block ${log.blockNumber} on ${eid}, by ${log.address}, does not have the expected form`,
      "Check that this address is the contract it is configured as.",
      cause,
    );
  }
}
