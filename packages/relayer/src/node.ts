import { accountCollateral, newestPosted, postingsOf } from "@plimsoll/indexer/accounts";
import { openDatabase } from "@plimsoll/indexer/database";
import { type Indexer, startIndexer } from "@plimsoll/indexer/indexer";
import { getMessage, listMessages } from "@plimsoll/indexer/messages";
import { messagesBetween } from "@plimsoll/indexer/messagesBetween";
import { attestationTypedData } from "@plimsoll/protocol/attestation";
import type { Logger } from "pino";
import type { Address } from "viem";
import { createApp } from "./api/app.ts";
import { createProvableEpochs } from "./api/provableEpochs.ts";
import type { ApiSource } from "./api/source.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { openOperatorAccount } from "./keys/operatorAccount.ts";
import { createProgress } from "./liveness/progress.ts";
import { reportProgress } from "./liveness/reportProgress.ts";
import { createSupervision } from "./liveness/supervise.ts";
import type { StalledError } from "./liveness/watchdog.ts";
import { createNodeExecutor } from "./messages/nodeExecutor.ts";
import { createNodeReporter } from "./messages/nodeReporter.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { serveMetrics } from "./metrics/serveMetrics.ts";
import { createPeerAuthenticator, createRequestSigner } from "./peers/authentication.ts";
import { createHttpPeers } from "./peers/httpPeers.ts";
import { watchPeers } from "./peers/watchPeers.ts";
import { createNodePoster } from "./posting/nodePoster.ts";
import { refuseWrongDomain } from "./preflight/domain.ts";
import { timingFor } from "./quorum/context.ts";
import { createProtocol } from "./quorum/createProtocol.ts";
import { createEpochEngine } from "./quorum/engine.ts";
import { createIndexView } from "./quorum/indexView.ts";
import { createPatience } from "./quorum/patience.ts";
import { createScrub, secretsOf } from "./scrub.ts";
import { createSerialize } from "./serialize.ts";
import { listen } from "./server.ts";
import { migrateStore } from "./store/migrate.ts";
import { createSqliteStore } from "./store/sqliteStore.ts";
import { logTransactions, type TransactionEvent } from "./transactions/events.ts";
import { createNodeSender } from "./transactions/nodeSender.ts";
import { version } from "./version.ts";

/** A running operator's node. */
export interface Node {
  readonly url: string;
  /** Rejects when something that should move has not, or cannot: the process is to end with the error's exit code. */
  readonly stalled: Promise<never>;
  /** Ends everything in order, after `drainMs` in which /ready says so; afterwards the database is closed. */
  stop(): Promise<void>;
}

/**
 * Starts indexer, epoch engine, posters and API on one SQLite file. Returns once the API listens; the index may still
 * be catching up then.
 *
 * @throws RelayerError or the indexer's errors, whose exit code or remedy says whether to fix something or to restart.
 * @example
 * const node = await startNode(loadConfig("operator.toml", process.env), log);
 * await node.stop();
 */
export async function startNode(config: Config, log: Logger): Promise<Node> {
  const account = await openOperatorAccount(config.signer, process.env);
  const me = account.address.toLowerCase() as Address;
  const hubEid = config.chains.find(({ hub }) => hub)?.eid ?? 0;
  const eids = config.chains.map(({ eid }) => eid).sort((a, b) => a - b);
  const { domainSalt } = config;
  const { nowMs } = systemClock;
  const scrub = createScrub(secretsOf(config, process.env));
  const stopping = new AbortController();
  let draining = false;
  const undo: (() => unknown)[] = [];
  const unwind = async () => {
    stopping.abort();
    for (const step of undo.reverse()) await step();
  };

  try {
    const database = openDatabase(config.node.database);
    undo.push(() => database.close());
    migrateStore(database);
    await refuseWrongDomain(config);

    const metrics = createMetrics({ defaults: true, chains: config.chains });
    const protocol = createProtocol(domainSalt);
    const store = metrics.counting(createSqliteStore(database.drizzle, protocol));
    const view = createIndexView(database, hubEid, eids);
    let indexer: Indexer | null = null;
    const chainStatus = () => indexer?.status() ?? [];
    const posted = () => newestPosted(database, eids);

    const epochs = createProvableEpochs({ store, protocol, newestPosted: posted });
    const logTransaction = logTransactions(log.child({ part: "transactions" }));
    const observe = (event: TransactionEvent) => {
      logTransaction(event);
      metrics.transaction(event);
    };
    const sending = config.chains.map((chain) => {
      const { gas, posting } = config;
      const sender = createNodeSender({ database, chain, gas, account, observe, stopping: stopping.signal });
      const posterLog = log.child({ part: "poster" });
      return {
        chain,
        sender,
        poster: createNodePoster({ chain, posting, sender, me, store, view, epochs, log: posterLog }),
      };
    });
    const messaging = {
      ...{ policy: config.messages, database, me, log: log.child({ part: "messages" }) },
      chains: sending.map(({ chain, sender }) => ({ chain, sender })),
      peers: config.peers.map(({ address }) => address),
    };
    const executor = createNodeExecutor(messaging);
    const reporter = createNodeReporter(messaging);
    const supervision = createSupervision({
      stallSeconds: config.node.stallSeconds,
      chains: config.chains,
      statuses: chainStatus,
      clock: systemClock,
      log: log.child({ part: "watchdog" }),
    });
    const signRequest = createRequestSigner({
      me,
      domainSalt,
      sign: (message) => account.signMessage({ message }),
      nowMs,
    });
    const { peers, seen: peersSeen } = watchPeers(createHttpPeers(config.peers, signRequest), nowMs);
    const engine = createEpochEngine({
      protocol,
      view,
      store,
      peers,
      signer: {
        address: me,
        sign: (_digest, header) => account.signTypedData(attestationTypedData(header, domainSalt)),
      },
      clock: systemClock,
      timing: timingFor(config.node.epochIntervalMs, config.node.leaderTimeoutMs),
      log: log.child({ part: "epochs" }),
      patience: createPatience(),
      signing: createSerialize(),
      onAttested(summary) {
        for (const { poster } of sending) poster.wake();
        metrics.attested();
        // After what the engine is about to do: nobody waits for a report.
        setImmediate(() => {
          if (stopping.signal.aborted) return;
          epochs.note(summary);
          app.reports.note(summary);
          app.wake();
        });
      },
      observe(event) {
        if (event.type === "turn") supervision.beat();
        metrics.observe(event);
      },
    });

    const progress = createProgress(() => performance.now());
    const source: ApiSource = {
      operator: me,
      version,
      chains: config.chains,
      store,
      view,
      protocol,
      startedAtMs: nowMs(),
      nowMs,
      draining: () => draining,
      // What a provider says of itself may hold the key it was asked with.
      chainStatus: () =>
        chainStatus().map((one) => ({ ...one, problem: one.problem === null ? null : scrub(one.problem) })),
      progressOf: progress.of,
      peersSeen: () => peersSeen(),
      newestPosted: posted,
      postingsOf: (epoch) => postingsOf(database, epoch),
      collateralOf: (id) => accountCollateral(database, id),
      listMessages: (parameters) => listMessages(database, parameters),
      getMessage: (guid) => getMessage(database, guid),
      messagesBetween: (after, upTo) => messagesBetween(database, after, upTo),
    };
    const authenticator = createPeerAuthenticator({ me, peers: peers.addresses, domainSalt, nowMs });
    const apiLog = log.child({ part: "api" });
    const { answered } = metrics;
    const app = createApp({ source, engine, authenticator, limits: config.api, log: apiLog, epochs, answered });
    const server = await listen((request, env) => app.http.fetch(request, env), config.node.host, config.node.port);
    undo.push(() => server.close());
    undo.push(() => app.close());
    if (config.metrics !== undefined) {
      const endpoints = () => indexer?.endpoints() ?? [];
      const { reports, openStreams } = app;
      const lookups = { source, database, reports, openStreams, endpoints, depositsUnreported: reporter.behind };
      const serving = await serveMetrics({ ...config.metrics, metrics, lookups });
      undo.push(() => serving.close());
      log.info({ url: serving.url }, "metrics served");
    }

    const started = await startIndexer({
      database,
      chains: config.chains,
      log: log.child({ part: "indexer" }),
      onAdvance: () => app.wake(),
    });
    undo.push(() => started.stop());
    indexer = started;
    const stalled = Promise.withResolvers<never>();
    stalled.promise.catch(() => undefined);
    const loops = [
      engine.run(stopping.signal).catch((error: unknown) => stalled.reject(error)),
      ...sending.flatMap(({ sender, poster }) => [sender.run(stopping.signal), poster.run(stopping.signal)]),
      executor.run(stopping.signal),
      reporter.run(stopping.signal),
      supervision.run(stopping.signal, (error: StalledError) => stalled.reject(error)),
      reportProgress({
        progress,
        statuses: chainStatus,
        startBlockOf: (eid) => config.chains.find((chain) => chain.eid === eid)?.startBlock ?? 0,
        clock: systemClock,
        log: log.child({ part: "indexer" }),
        terminal: process.stderr.isTTY ? process.stderr : null,
        signal: stopping.signal,
      }),
    ];
    undo.push(() => Promise.all(loops));
    log.info({ url: server.url, operator: me, chains: eids, peers: config.peers.length }, "node started");
    return {
      url: server.url,
      stalled: stalled.promise,
      async stop() {
        draining = true;
        await systemClock.sleep(config.node.drainMs);
        await unwind();
      },
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}
