import type { ChainConfig } from "../config.ts";
import { RpcRefusedError, RpcUnavailableError } from "../errors.ts";
import type { RpcEndpoint } from "../rpc/endpoint.ts";
import type { RpcPool } from "../rpc/pool.ts";
import type { Header } from "../rpc/wire.ts";
import { requireAgreement } from "./agreement.ts";

/** How far a chain is, as its endpoints tell it. */
export interface ChainView {
  readonly endpoint: RpcEndpoint;
  readonly head: Header;
  /** Where there are several endpoints, they agree on it. */
  readonly finalized: Header | null;
  /** Whether it was asked for in this very call. */
  readonly isNew: boolean;
}

export interface ChainViews {
  /**
   * A view that is good for reading block `next`. A chain that is far behind is not asked before every range: a view holds
   * for as long as there is something to read below its head, and for two seconds at most.
   *
   * @param finalizedNumber The newest block that is final to us; -1 before the first.
   * @throws {RpcDisagreementError} endpoints tell different final blocks.
   */
  look(next: number, finalizedNumber: number): Promise<ChainView>;
  /** The next look is a new one. */
  forget(): void;
}

const keptMs = 2_000;
/** An endpoint that tells of no newer block for so long may have stopped, though it answers. */
const standstillMs = 10_000;

export function chainViews(chain: ChainConfig, pool: RpcPool, nowMs: () => number = Date.now): ChainViews {
  let kept: { readonly view: ChainView; readonly atMs: number } | undefined;

  let newest = { number: -1, atMs: nowMs() };

  /** Has the others tell how far they are, so that the pool can prefer one that goes on; nobody waits for them. */
  function lookAround(head: Header): void {
    const isNewer = head.number > newest.number;
    if (!isNewer && nowMs() - newest.atMs < standstillMs) return;
    newest = { number: Math.max(newest.number, head.number), atMs: nowMs() };
    if (isNewer) return;
    const heads = pool.others().then((others) => Promise.allSettled(others.map((other) => other.header("latest"))));
    heads.catch(() => undefined);
  }

  async function ask(finalizedNumber: number): Promise<ChainView> {
    const endpoint = await pool.current();
    const [head, finalized] = await headers(chain, endpoint);
    if (head === null) throw new RpcUnavailableError(`${chain.name} has no head`, "Wait for the node to start.");
    lookAround(head);
    if (finalized !== null && finalized.number > finalizedNumber) {
      await requireAgreement({ chain, pool, endpoint, final: finalized });
    }
    return { endpoint, head, finalized, isNew: true };
  }

  return {
    forget() {
      kept = undefined;
    },
    async look(next, finalizedNumber) {
      if (kept !== undefined && next <= kept.view.head.number && nowMs() - kept.atMs < keptMs) {
        return { ...kept.view, isNew: false };
      }
      kept = undefined;
      const atMs = nowMs();
      const view = await ask(finalizedNumber);
      kept = { view, atMs };
      return view;
    },
  };
}

async function headers({ finality }: ChainConfig, endpoint: RpcEndpoint): Promise<[Header | null, Header | null]> {
  if (finality === "finalized") {
    return await Promise.all([endpoint.header("latest"), endpoint.header("finalized").catch(withoutFinalized)]);
  }
  const head = await endpoint.header("latest");
  const number = (head?.number ?? 0) - finality.depth;
  return [head, number < 0 ? null : await endpoint.header(number)];
}

function withoutFinalized(error: unknown): never {
  if (!(error instanceof RpcRefusedError)) throw error;
  throw new RpcRefusedError(
    error.message,
    "Where a chain, or its provider, knows no `finalized` block: give the chain finality = { depth = N }, as many blocks as are never replaced.",
    error,
  );
}
