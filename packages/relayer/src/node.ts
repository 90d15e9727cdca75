import { accountCollateral, postedEpochs, postingsOf } from "@plimsoll/indexer/accounts";
import { openDatabase } from "@plimsoll/indexer/database";
import { type Indexer, startIndexer } from "@plimsoll/indexer/indexer";
import { getMessage, listMessages } from "@plimsoll/indexer/messages";
import { attestationTypedData } from "@plimsoll/protocol/attestation";
import type { Logger } from "pino";
import type { Address } from "viem";
import { createApp } from "./api/app.ts";
import { attestationFor } from "./api/proofs.ts";
import { createProvableEpochs } from "./api/provableEpochs.ts";
import type { ApiSource } from "./api/source.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { openOperatorAccount } from "./keys/operatorAccount.ts";
import { createHttpPeers } from "./peers/httpPeers.ts";
import { postingOn } from "./posting/config.ts";
import { createViemContract } from "./posting/contract.ts";
import { createPoster } from "./posting/poster.ts";
import { createSenderChain } from "./posting/senderChain.ts";
import { refuseWrongDomain } from "./preflight/domain.ts";
import { timingFor } from "./quorum/context.ts";
import { createProtocol } from "./quorum/createProtocol.ts";
import { createEpochEngine } from "./quorum/engine.ts";
import { createIndexView } from "./quorum/indexView.ts";
import { createScrub, secretsOf } from "./scrub.ts";
import { createSerialize } from "./serialize.ts";
import { listen } from "./server.ts";
import { migrateStore } from "./store/migrate.ts";
import { createSqliteStore } from "./store/sqliteStore.ts";
import { logTransactions } from "./transactions/events.ts";
import { createNodeSender } from "./transactions/nodeSender.ts";
import { chainReader } from "./transactions/viemTransactionChain.ts";
import { version } from "./version.ts";

/** After so long a poster looks whether a newer epoch should take a waiting one's place. */
const postPatienceMs = 10_000;

/** A running operator's node. */
export interface Node {
  readonly url: string;
  /** Ends everything in order; afterwards the database is closed. */
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
  const scrub = createScrub(secretsOf(config, process.env));
  const stopping = new AbortController();
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

    const protocol = createProtocol(config.domainSalt);
    const store = createSqliteStore(database.drizzle, protocol);
    const view = createIndexView(database, hubEid, eids);
    let indexer: Indexer | null = null;

    const epochs = createProvableEpochs({ store });
    const observe = logTransactions(log.child({ part: "transactions" }));
    const senders = new Map(
      config.chains.map((chain) => {
        const { signal } = stopping;
        return [chain.eid, createNodeSender({ database, chain, gas: config.gas, account, observe, stopping: signal })];
      }),
    );
    const posters = config.chains.flatMap(({ eid, name, contracts, ...chain }) => {
      const sender = senders.get(eid);
      if (sender === undefined) return [];
      const policy = postingOn(config.posting, name);
      return [
        createPoster({
          chain: createSenderChain({
            ...{ eid, name, sender, clock: systemClock, patienceMs: postPatienceMs, trustPoolMs: 2 * policy.standInMs },
            contract: createViemContract(chainReader({ ...chain, name }), contracts.attestations, me),
          }),
          policy,
          standInMs: policy.standInMs,
          me,
          store,
          clock: systemClock,
          log: log.child({ part: "poster" }),
          operators: ({ cut }) => view.operatorSetAt(cut),
          attestationFor(summary) {
            const { provable } = epochs.find(summary.header.epoch);
            return attestationFor({ store, view }, summary, provable, eid);
          },
        }),
      ];
    });
    const engine = createEpochEngine({
      protocol,
      view,
      store,
      peers: createHttpPeers(config.peers),
      signer: {
        address: me,
        sign: (_digest, header) => account.signTypedData(attestationTypedData(header, config.domainSalt)),
      },
      clock: systemClock,
      timing: timingFor(config.node.epochIntervalMs, config.node.leaderTimeoutMs),
      log: log.child({ part: "epochs" }),
      signing: createSerialize(),
      onAttested: () => {
        for (const poster of posters) poster.wake();
      },
    });

    const source: ApiSource = {
      operator: me,
      version,
      chains: config.chains,
      store,
      view,
      protocol,
      // What a provider says of itself may hold the key it was asked with.
      chainStatus: () =>
        (indexer?.status() ?? []).map((one) => ({ ...one, problem: one.problem === null ? null : scrub(one.problem) })),
      newestPosted: () =>
        new Map([...postedEpochs(database, { limit: 1 })].map(([eid, [newest]]) => [eid, newest?.epoch ?? 0])),
      postingsOf: (epoch) => postingsOf(database, epoch),
      collateralOf: (id) => accountCollateral(database, id),
      listMessages: (parameters) => listMessages(database, parameters),
      getMessage: (guid) => getMessage(database, guid),
    };
    const app = createApp({ source, engine, log: log.child({ part: "api" }), epochs });
    const server = await listen((request) => app.fetch(request), config.node.host, config.node.port);
    undo.push(() => server.close());

    const started = await startIndexer({ database, chains: config.chains, log: log.child({ part: "indexer" }) });
    undo.push(() => started.stop());
    indexer = started;
    const loops = [engine, ...posters, ...senders.values()].map((loop) => loop.run(stopping.signal));
    undo.push(() => Promise.all(loops));
    log.info({ url: server.url, operator: me, chains: eids, peers: config.peers.length }, "node started");
    return { url: server.url, stop: unwind };
  } catch (error) {
    await unwind();
    throw error;
  }
}
