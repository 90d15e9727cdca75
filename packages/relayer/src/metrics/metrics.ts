import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { formatEther } from "viem";
import type { QuorumEvent } from "../quorum/events.ts";
import type { Store } from "../store/store.ts";
import type { TransactionEvent } from "../transactions/events.ts";

/** What a node counts as it runs. What it can look up is looked up when it is asked: see `collect.ts`. */
export interface Metrics {
  readonly registry: Registry;
  observe(event: QuorumEvent): void;
  transaction(event: TransactionEvent): void;
  /** An epoch was found attested. */
  attested(): void;
  answered(status: number, seconds: number): void;
  /** The same store, with what is posted counted. */
  counting(store: Store): Store;
}

export interface MetricsOptions {
  /** Whether Node's own metrics (memory, event loop) are among them. */
  readonly defaults: boolean;
  readonly chains: readonly { readonly eid: number; readonly name: string }[];
}

/** @example const metrics = createMetrics({ defaults: true, chains: config.chains }); */
export function createMetrics({ defaults, chains }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (defaults) collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const names = new Map(chains.map(({ eid, name }) => [eid, name]));
  const on = (eid: number) => ({ chain: names.get(eid) ?? `${eid}`, eid });

  const proposed = counter("plimsoll_epochs_proposed_total", "Epochs that this node proposed.");
  const signed = counter("plimsoll_epochs_signed_total", "Proposals of others that this node signed.");
  const attested = counter("plimsoll_epochs_attested_total", "Epochs that this node found attested.");
  const refusals = counter("plimsoll_signing_refusals_total", "Proposals that this node refused to sign.", ["reason"]);
  const byPeers = counter("plimsoll_proposal_refusals_total", "Refusals by peers of what this node proposed.", [
    "reason",
  ]);
  const notReady = counter("plimsoll_turns_not_ready_total", "Turns on which this node could not propose.", ["reason"]);
  const turns = counter("plimsoll_epoch_loop_turns_total", "Times that the epoch loop went round.");
  const posts = counter("plimsoll_posts_total", "Epochs that this node posted.", ["chain", "eid", "reason"]);
  const requests = counter("plimsoll_api_requests_total", "Requests answered, by status.", ["status"]);
  const transaction = createTransactionMetrics(registry, on);
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
    transaction,
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
        posts.inc({ ...on(row.eid), reason: row.reason });
      },
    }),
  };
}

/** What becomes of transactions, and what they cost. One that a reorg took back and that is mined again counts twice. */
function createTransactionMetrics(
  registry: Registry,
  on: (eid: number) => { readonly chain: string; readonly eid: number },
): (event: TransactionEvent) => void {
  const registers = [registry];
  const events = new Counter({
    name: "plimsoll_transactions_total",
    help: "What became of transactions: sent, replaced, mined, reverted, reopened, taken, rejected, unreachable.",
    labelNames: ["chain", "eid", "event"],
    registers,
  });
  const held = new Counter({
    name: "plimsoll_transactions_held_total",
    help: "Times that a transaction was not sent, or could not pay more: budget, fee-cap, funds.",
    labelNames: ["chain", "eid", "because"],
    registers,
  });
  const labelNames = ["chain", "eid", "purpose"];
  const gas = new Counter({ name: "plimsoll_gas_used_total", help: "Gas used, by purpose.", labelNames, registers });
  const fees = new Counter({
    name: "plimsoll_gas_fees_native_total",
    help: "Paid for gas, in native coins, by purpose.",
    labelNames,
    registers,
  });
  const balance = new Gauge({
    name: "plimsoll_balance_native",
    help: "What this operator's key has to pay gas with, in native coins.",
    labelNames: ["chain", "eid"],
    registers,
  });
  const low = new Gauge({
    name: "plimsoll_balance_low",
    help: "1 while the balance is below gas.lowBalance.",
    labelNames: ["chain", "eid"],
    registers,
  });
  return (event) => {
    const labels = on(event.eid);
    if (event.type === "balance") {
      balance.set(labels, Number(formatEther(event.balanceWei)));
      low.set(labels, event.isLow ? 1 : 0);
    } else if (event.type === "refused" || event.type === "capped") {
      held.inc({ ...labels, because: event.because });
    } else if (event.type === "mined") {
      const { purpose, gasUsed, feeWei, succeeded } = event;
      events.inc({ ...labels, event: succeeded ? "mined" : "reverted" });
      gas.inc({ ...labels, purpose }, gasUsed);
      fees.inc({ ...labels, purpose }, Number(formatEther(feeWei)));
    } else if (event.type === "sent") {
      events.inc({ ...labels, event: event.attempt === 0 ? "sent" : "replaced" });
    } else {
      events.inc({ ...labels, event: event.type });
    }
  };
}
