import { ConfigError } from "../errors.ts";
import { hostOf, type RpcEndpoint } from "./endpoint.ts";

/** A chain's RPC endpoints: one is used until it fails, then the next. */
export interface RpcPool {
  readonly endpoints: readonly RpcEndpoint[];
  /** The endpoint in use. Asked for its chain id before the first use; one of another chain is never used. */
  current(): Promise<RpcEndpoint>;
  /** Another endpoint that answers, for a second opinion; the one in use where there is none. */
  second(): Promise<RpcEndpoint>;
  /** Goes on with the next endpoint. */
  rotate(): void;
}

export function rpcPool(endpoints: readonly RpcEndpoint[], chainId: number): RpcPool {
  const checked = new Map<RpcEndpoint, "right" | "wrong">();
  let active = 0;
  const at = (offset: number) => endpoints[(active + offset) % endpoints.length];

  async function isRight(endpoint: RpcEndpoint): Promise<boolean> {
    const known = checked.get(endpoint);
    if (known !== undefined) return known === "right";
    const right = (await endpoint.chainId()) === chainId;
    checked.set(endpoint, right ? "right" : "wrong");
    return right;
  }

  async function current(): Promise<RpcEndpoint> {
    for (let offset = 0; offset < endpoints.length; offset++) {
      const endpoint = at(offset);
      if (endpoint === undefined || !(await isRight(endpoint))) continue;
      active = (active + offset) % endpoints.length;
      return endpoint;
    }
    throw new ConfigError([`none of ${endpoints.map(({ url }) => hostOf(url)).join(", ")} is chain ${chainId}`]);
  }

  return {
    endpoints,
    current,
    async second() {
      for (let offset = 1; offset < endpoints.length; offset++) {
        const endpoint = at(offset);
        if (endpoint !== undefined && (await isRight(endpoint).catch(() => false))) return endpoint;
      }
      return await current();
    },
    rotate() {
      active = (active + 1) % endpoints.length;
    },
  };
}
