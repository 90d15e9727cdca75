import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { QuorumEvent } from "../quorum/events.ts";
import type { Store } from "../store/store.ts";

/** What a node counts as it runs. What it can look up is looked up when it is asked: see `collect.ts`. */
export interface Metrics {
  readonly registry: Registry;
  observe(event: QuorumEvent): void;
  /** An epoch was found attested. */
  attested(): void;
  answered(status: number, seconds: number): void;
  /** The same store, with what is posted counted. */
  counting(store: Store): Store;
}

/** @param defaults whether Node's own metrics (memory, event loop) are among them. */
export function createMetrics({ defaults }: { readonly defaults: boolean }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (defaults) collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });

  const proposed = counter("plimsoll_epochs_proposed_total", "Epochs that this node proposed.");
  const signed = counter("plimsoll_epochs_signed_total", "Proposals of others that this node signed.");
  const attested = counter("plimsoll_epochs_attested_total", "Epochs that this node found attested.");
  const refusals = counter("plimsoll_signing_refusals_total", "Proposals that this node refused to sign.", ["reason"]);
  const byPeers = counter("plimsoll_proposal_refusals_total", "Refusals by peers of what this node proposed.", [
    "reason",
  ]);
  const notReady = counter("plimsoll_turns_not_ready_total", "Turns on which this node could not propose.", ["reason"]);
  const turns = counter("plimsoll_epoch_loop_turns_total", "Times that the epoch loop went round.");
  const posts = counter("plimsoll_posts_total", "Epochs that this node posted.", ["eid", "reason"]);
  const gas = counter("plimsoll_post_gas_total", "Gas that this node's posts used.", ["eid"]);
  const requests = counter("plimsoll_api_requests_total", "Requests answered, by status.", ["status"]);
  const quorum = new Histogram({
    name: "plimsoll_quorum_seconds",
    help: "From a proposal of this node to enough signatures.",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
    registers,
  });
  const latency = new Histogram({
    name: "plimsoll_api_seconds",
    help: "How long answers took; live updates are not among them.",
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  new Gauge({ name: "plimsoll_up", help: "1 while the node runs.", registers }).set(1);

  return {
    registry,
    observe(event) {
      if (event.type === "turn") turns.inc();
      else if (event.type === "proposed") proposed.inc();
      else if (event.type === "signed") signed.inc();
      else if (event.type === "refused") refusals.inc({ reason: event.code });
      else if (event.type === "refused-by-peer") byPeers.inc({ reason: event.code });
      else if (event.type === "not-ready") notReady.inc({ reason: event.because });
      else quorum.observe(event.tookMs / 1000);
    },
    attested: () => attested.inc(),
    answered(status, seconds) {
      requests.inc({ status });
      latency.observe(seconds);
    },
    counting: (store) => ({
      ...store,
      recordPosting(row) {
        store.recordPosting(row);
        posts.inc({ eid: row.eid, reason: row.reason });
        gas.inc({ eid: row.eid }, row.gasUsed);
      },
    }),
  };
}
