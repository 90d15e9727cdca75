import type { ChainStatus, EndpointStatus } from "@plimsoll/indexer/indexer";
import type { InFlight } from "@plimsoll/indexer/messagesInFlight";
import { accountStatus } from "@plimsoll/protocol/epoch";
import { statusName } from "@plimsoll/protocol/to-wire";
import type { AccountReports } from "@plimsoll/protocol/transition/account-reports";
import { Gauge, type Registry } from "prom-client";
import type { PeerSeen } from "../peers/watchPeers.ts";
import type { EpochSummary } from "../store/store.ts";

/** What is looked up when metrics are asked for. Every one of these is cheap. */
export interface Lookups {
  chainStatus(): readonly ChainStatus[];
  endpoints(): readonly EndpointStatus[];
  newestPosted(): ReadonlyMap<number, number>;
  newestAttested(): EpochSummary | null;
  equivocations(): number;
  messagesInFlight(): readonly InFlight[];
  /** Accounts with deposits worth a report that the hub should have heard of by now, by the vault's eid. */
  depositsUnreported(): ReadonlyMap<number, number>;
  /** How many there are of each status, in the newest epoch whose reports are known; null before. */
  accounts(): AccountReports["counts"] | null;
  peersSeen(): readonly PeerSeen[];
  openStreams(): number;
}

/** Adds the metrics that are looked up. */
export function addCollected(registry: Registry, lookups: Lookups): void {
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    collect: (gauge: Gauge<Label>) => void,
  ) => {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  };
  const perChain = (name: string, help: string, value: (status: ChainStatus) => number) =>
    gauge(name, help, ["chain", "eid"], (one) => {
      for (const status of lookups.chainStatus()) one.set({ chain: status.name, eid: status.eid }, value(status));
    });

  perChain("plimsoll_chain_head_block", "Newest block, as an RPC endpoint told it.", ({ head }) => head);
  perChain("plimsoll_chain_head_timestamp_seconds", "Time of the newest block.", (one) => one.headTimestampSeconds);
  perChain("plimsoll_chain_finalized_block", "Newest final block that is indexed.", ({ finalized }) => finalized);
  perChain("plimsoll_chain_indexed_block", "Newest block that is indexed.", ({ indexed }) => indexed);
  perChain("plimsoll_chain_lag_blocks", "Blocks not indexed yet.", ({ lagBlocks }) => lagBlocks);
  perChain("plimsoll_chain_ok", "1 while the chain is followed without trouble.", ({ ok }) => (ok ? 1 : 0));
  perChain("plimsoll_chain_halted", "1 when the chain broke its finality.", ({ halted }) => (halted ? 1 : 0));
  const perEndpoint = (name: string, help: string, value: (status: EndpointStatus) => number | null) =>
    gauge(name, help, ["chain", "eid", "endpoint", "host"], (one) => {
      for (const status of lookups.endpoints()) {
        const { chain, eid, place: endpoint, host } = status;
        const number = value(status);
        if (number !== null) one.set({ chain, eid, endpoint, host }, number);
      }
    });
  perEndpoint("plimsoll_rpc_in_use", "1 for the RPC endpoint that the chain is read from.", (one) =>
    one.inUse ? 1 : 0,
  );
  perEndpoint("plimsoll_rpc_error_rate", "Share of an endpoint's last calls that failed.", (one) => one.errorRate);
  perEndpoint("plimsoll_rpc_latency_seconds", "How long its last answers took.", (one) => one.latencyMs / 1000);
  perEndpoint("plimsoll_rpc_last_answer_timestamp_seconds", "When an endpoint answered last.", (one) => {
    return (one.lastAnswerMs ?? 0) / 1000;
  });
  perEndpoint("plimsoll_rpc_rate_limit", "Requests a second that it takes, where it has named a limit.", (one) => {
    return one.perSecond;
  });

  gauge("plimsoll_chain_posted_epoch", "Newest epoch posted on the chain.", ["chain", "eid"], (one) => {
    const posted = lookups.newestPosted();
    for (const { name, eid } of lookups.chainStatus()) one.set({ chain: name, eid }, posted.get(eid) ?? 0);
  });
  gauge("plimsoll_epoch_newest", "Number of the newest attested epoch.", [], (one) => {
    one.set(lookups.newestAttested()?.header.epoch ?? 0);
  });
  gauge("plimsoll_epoch_issued_timestamp_seconds", "When the newest attested epoch was issued.", [], (one) => {
    one.set(lookups.newestAttested()?.header.issuedAt ?? 0);
  });
  gauge("plimsoll_epoch_expires_timestamp_seconds", "When the newest attested epoch expires.", [], (one) => {
    one.set(lookups.newestAttested()?.header.expiresAt ?? 0);
  });
  gauge("plimsoll_equivocations", "Proofs held that an operator signed two headers of one epoch.", [], (one) => {
    one.set(lookups.equivocations());
  });
  gauge("plimsoll_messages_in_flight", "LayerZero messages sent and not delivered, by age.", ["age"], (one) => {
    for (const { age, count } of lookups.messagesInFlight()) one.set({ age }, count);
  });
  gauge(
    "plimsoll_deposits_unreported",
    "Accounts with deposits worth a report that the hub should have heard of by now.",
    ["chain", "eid"],
    (one) => {
      const unreported = lookups.depositsUnreported();
      for (const { name, eid } of lookups.chainStatus()) one.set({ chain: name, eid }, unreported.get(eid) ?? 0);
    },
  );
  gauge("plimsoll_accounts", "Accounts of the newest epoch, by health.", ["status"], (one) => {
    const counts = lookups.accounts();
    for (const status of Object.values(accountStatus))
      one.set({ status: statusName(status) }, counts?.get(status) ?? 0);
  });
  gauge("plimsoll_peer_last_answer_timestamp_seconds", "When a peer answered last.", ["peer"], (one) => {
    for (const { address, lastAnswerMs } of lookups.peersSeen()) one.set({ peer: address }, (lastAnswerMs ?? 0) / 1000);
  });
  gauge("plimsoll_live_streams", "Streams of live updates that are open.", [], (one) => one.set(lookups.openStreams()));
}
