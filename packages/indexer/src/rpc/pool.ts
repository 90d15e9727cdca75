import { ConfigError } from "../errors.ts";
import { hostOf, type RpcEndpoint } from "./endpoint.ts";

/** A chain's RPC endpoints: the best one is used until it fails or another is clearly better. */
export interface RpcPool {
  readonly endpoints: readonly RpcEndpoint[];
  /** The endpoint that was used last. */
  inUse(): RpcEndpoint | undefined;
  /** The endpoint to use. Asked for its chain id before the first use; one of another chain is never used. */
  current(): Promise<RpcEndpoint>;
  /** Another endpoint that answers, for a second opinion; the one in use where there is none. */
  second(): Promise<RpcEndpoint>;
  /** Those of this chain that are not in use. One that does not answer now is left out. */
  others(): Promise<readonly RpcEndpoint[]>;
  /** Goes on with the next endpoint, and leaves this one alone for a while. */
  rotate(): void;
}

/** Another endpoint takes over when it scores so much better; below that, changing costs more than it brings. */
const clearlyBetter = 0.5;
const firstRestMs = 2_000;
const longestRestMs = 120_000;

export function rpcPool(endpoints: readonly RpcEndpoint[], chainId: number, nowMs: () => number = Date.now): RpcPool {
  const checked = new Map<RpcEndpoint, "right" | "wrong">();
  const resting = new Map<RpcEndpoint, { untilMs: number; times: number }>();
  let active = 0;
  const at = (offset: number) => endpoints[(active + offset) % endpoints.length];
  const bestHead = () => Math.max(-1, ...endpoints.map(({ health }) => health.head));
  const isResting = (endpoint: RpcEndpoint) => (resting.get(endpoint)?.untilMs ?? 0) > nowMs();

  async function isRight(endpoint: RpcEndpoint): Promise<boolean> {
    const known = checked.get(endpoint);
    if (known !== undefined) return known === "right";
    const right = (await endpoint.chainId()) === chainId;
    checked.set(endpoint, right ? "right" : "wrong");
    return right;
  }

  /** Moves on where another one is clearly better: quicker, more reliable, or further ahead. */
  function prefer(): void {
    const here = at(0);
    if (here === undefined) return;
    const limit = here.health.score(bestHead()) * clearlyBetter;
    const known = (endpoint: RpcEndpoint) => checked.get(endpoint) === "right" && endpoint.health.latencyMs > 0;
    for (const [index, endpoint] of endpoints.entries()) {
      if (endpoint === here || !known(endpoint) || isResting(endpoint)) continue;
      if (endpoint.health.score(bestHead()) < limit) {
        active = index;
        return;
      }
    }
  }

  async function current(): Promise<RpcEndpoint> {
    prefer();
    for (const rested of [true, false]) {
      for (let offset = 0; offset < endpoints.length; offset++) {
        const endpoint = at(offset);
        if (endpoint === undefined || (rested && isResting(endpoint)) || !(await isRight(endpoint))) continue;
        active = (active + offset) % endpoints.length;
        return endpoint;
      }
    }
    throw new ConfigError([`none of ${endpoints.map(({ url }) => hostOf(url)).join(", ")} is chain ${chainId}`]);
  }

  async function others(): Promise<RpcEndpoint[]> {
    const found: RpcEndpoint[] = [];
    for (let offset = 1; offset < endpoints.length; offset++) {
      const endpoint = at(offset);
      if (endpoint !== undefined && (await isRight(endpoint).catch(() => false))) found.push(endpoint);
    }
    return found;
  }

  return {
    endpoints,
    inUse: () => at(0),
    current,
    others,
    second: async () => (await others())[0] ?? (await current()),
    rotate() {
      const failed = at(0);
      if (failed !== undefined) {
        const before = resting.get(failed);
        const times =
          isResting(failed) || nowMs() - (before?.untilMs ?? 0) < longestRestMs ? (before?.times ?? 0) + 1 : 1;
        const rest = Math.min(firstRestMs * 2 ** (times - 1), longestRestMs);
        resting.set(failed, { untilMs: nowMs() + rest, times });
      }
      active = (active + 1) % endpoints.length;
    },
  };
}
