import type { UndeliveredMessage } from "@plimsoll/indexer/undelivered";
import type { Logger } from "pino";
import type { Address } from "viem";
import type { Clock } from "../clock.ts";
import type { Sender } from "../transactions/sender.ts";
import type { MessagesConfig } from "./config.ts";
import type { Delivery, DestinationEndpoint } from "./endpoint.ts";
import { operatorsBefore } from "./turns.ts";

/** One destination chain, as somebody who executes messages there sees it. */
export interface Destination {
  readonly name: string;
  readonly endpoint: DestinationEndpoint;
  readonly sender: Pick<Sender, "submit" | "outcome">;
}

export interface MessageExecutorOptions {
  readonly policy: MessagesConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly me: Address;
  /** All operators, this one among them. */
  readonly operators: readonly Address[];
  /** Sent before then, and not delivered. */
  readonly undelivered: (beforeSeconds: number) => readonly UndeliveredMessage[];
  /** By eid. */
  readonly destinations: ReadonlyMap<number, Destination>;
}

/** Looks after messages that LayerZero's own executor left. */
export interface MessageExecutor {
  /** One look at everything. Never rejects: what a chain refuses is logged, and looked at again. */
  turn(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

const longestPollMs = 15_000;
/** Gas beyond the estimate, in per cent. */
const gasMarginPercent = 125n;
/** A delivery that was mined and failed is tried again so many times, in all. */
const mostAttempts = 5;

/**
 * A message is verified by LayerZero's DVNs and executed by whoever calls the endpoint. Where the paid executor does not,
 * operators do, one after the other: whose turn it is follows from the message's guid, so that gas is spent once.
 *
 * @example
 * const executor = createMessageExecutor({ policy, clock, log, me, operators, undelivered, destinations });
 * await executor.run(signal);
 */
export function createMessageExecutor(options: MessageExecutorOptions): MessageExecutor {
  const { policy, clock, log, me, operators, destinations } = options;
  /** By guid: the age at which a message was last told of, and why it could not be executed then. */
  let told = new Map<string, { ageSeconds: number; refused: string | null }>();

  const leastAge = Math.min(policy.overdueSeconds, policy.executeAfterSeconds || policy.overdueSeconds);
  const pollMs = Math.min(longestPollMs, Math.max(1_000, leastAge * 250));

  const turn = async () => {
    const nowSeconds = Math.floor(clock.nowMs() / 1_000);
    const undelivered = options.undelivered(nowSeconds - leastAge);
    told = new Map(undelivered.map(({ guid }) => [guid, told.get(guid) ?? { ageSeconds: 0, refused: null }]));
    for (const message of undelivered) {
      tellIfOverdue(message, nowSeconds);
      if (isDue(message, nowSeconds)) await deliver(message);
    }
  };

  function tellIfOverdue(message: UndeliveredMessage, nowSeconds: number): void {
    const { guid, srcEid, dstEid, sentAtSeconds, verifiedAtSeconds } = message;
    const ageSeconds = nowSeconds - sentAtSeconds;
    const before = told.get(guid);
    if (before === undefined || ageSeconds < Math.max(policy.overdueSeconds, 2 * before.ageSeconds)) return;
    before.ageSeconds = ageSeconds;
    // Sent, and then: verified by every DVN and committed, then executed.
    const waitsFor = verifiedAtSeconds === null ? "verification" : "execution";
    const hint =
      verifiedAtSeconds === null
        ? "Ask who runs the path's DVNs; `GET /v1/messages/{guid}` has the transaction that sent it."
        : "Anyone may execute it at the destination's endpoint (lzReceive).";
    log.warn({ guid, srcEid, dstEid, ageSeconds, waitsFor, hint }, "message overdue");
  }

  function isDue({ guid, verifiedAtSeconds }: UndeliveredMessage, nowSeconds: number): boolean {
    if (verifiedAtSeconds === null || policy.executeAfterSeconds === 0) return false;
    const wait = operatorsBefore(me, operators, guid) * policy.standInSeconds;
    return nowSeconds >= verifiedAtSeconds + policy.executeAfterSeconds + wait;
  }

  async function deliver(message: UndeliveredMessage): Promise<void> {
    const { guid, srcEid, dstEid } = message;
    const destination = destinations.get(dstEid);
    const fields = { guid, srcEid, dstEid };
    if (destination === undefined) return;
    try {
      const key = nextKey(message, destination);
      if (key === null) return;
      const delivery = await destination.endpoint.prepare(message);
      if ("refused" in delivery) {
        const before = told.get(guid);
        if (before?.refused !== delivery.refused)
          log.warn({ ...fields, because: delivery.refused }, "message cannot be executed");
        if (before !== undefined) before.refused = delivery.refused;
        return;
      }
      const outcome = await destination.sender.submit(intentOf(key, delivery));
      log.info(
        { ...fields, chain: destination.name, outcome: outcome.outcome },
        "message executed in the executor's place",
      );
    } catch (error) {
      log.warn({ ...fields, err: error }, "message could not be looked at");
    }
  }

  return {
    turn,
    async run(signal) {
      while (!signal.aborted) {
        await turn();
        await clock.sleep(pollMs, signal);
      }
    },
  };
}

function intentOf(key: string, { to, data, gas }: Delivery) {
  const gasLimit = (gas * gasMarginPercent) / 100n;
  return { key, purpose: "deliver", to, data, valueWei: 0n, gasLimit, expiresAtMs: null, supersedes: false } as const;
}

/** Names the next attempt at a message; null while one is under way, or none is left. */
function nextKey({ guid, payloadHash }: UndeliveredMessage, { sender }: Destination): string | null {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const key = `deliver:${guid}:${payloadHash}:${attempt}`;
    const outcome = sender.outcome(key);
    if (outcome.outcome === "mined") {
      // Mined and well: the index has not seen it yet.
      if (outcome.succeeded) return null;
      continue;
    }
    return outcome.outcome === "pending" ? null : key;
  }
  return null;
}
