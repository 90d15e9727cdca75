import { createHash, randomBytes } from "node:crypto";
import { type Address, type Hex, recoverMessageAddress } from "viem";

// A request between operators carries its sender's signature of everything that it says: to whom, method, path, body and
// time. An EIP-191 message, so that it can be neither an epoch (EIP-712) nor a transaction.

/** How far the sender's clock may be from ours, and how long a request is remembered so that it cannot be repeated. */
export const peerWindowMs = 30_000;

const names = {
  operator: "plimsoll-operator",
  time: "plimsoll-time",
  nonce: "plimsoll-nonce",
  signature: "plimsoll-signature",
} as const;

/** What is signed. */
interface PeerRequest {
  readonly domainSalt: Hex;
  readonly from: Address;
  readonly to: Address;
  readonly method: string;
  /** From `/v1/peer` on, with the query: a proxy may add a prefix. */
  readonly path: string;
  readonly body: string;
  readonly timeMs: number;
  readonly nonce: string;
}

function messageOf({ domainSalt, from, to, method, path, body, timeMs, nonce }: PeerRequest): string {
  const hash = createHash("sha256").update(body).digest("hex");
  return `Plimsoll peer request\ndeployment ${domainSalt}\nfrom ${from}\nto ${to}\n${method} ${path}\nbody ${hash}\ntime ${timeMs}\nnonce ${nonce}`;
}

/** Who a request says it is of: proven once it is authenticated. */
export const operatorOf = (headers: Headers): string => headers.get(names.operator) ?? "";

/** Signs requests to peers. */
export type SignRequest = (
  request: Pick<PeerRequest, "to" | "method" | "path" | "body">,
) => Promise<Readonly<Record<string, string>>>;

/**
 * @param sign an EIP-191 signature by `me`.
 * @example
 * const headers = await signRequest({ to, method: "POST", path: "/v1/peer/proposals", body });
 */
export function createRequestSigner(options: {
  readonly me: Address;
  readonly domainSalt: Hex;
  readonly sign: (message: string) => Promise<Hex>;
  readonly nowMs: () => number;
}): SignRequest {
  const { me, domainSalt, sign, nowMs } = options;
  return async (request) => {
    const timeMs = nowMs();
    const nonce = randomBytes(16).toString("hex");
    const signature = await sign(messageOf({ ...request, domainSalt, from: me, timeMs, nonce }));
    return { [names.operator]: me, [names.time]: `${timeMs}`, [names.nonce]: nonce, [names.signature]: signature };
  };
}

/** Why a request is not taken for a peer's. */
export type Unauthenticated = "unsigned" | "unknown-operator" | "clock-skew" | "wrong-signature" | "replayed";

export interface PeerAuthenticator {
  /** The cheap part, from the headers alone: to be asked before the body is read. */
  precheck(headers: Headers): Unauthenticated | null;
  /** The peer's address, or why it is none. A request is taken once. */
  authenticate(request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body: string;
  }): Promise<{ readonly operator: Address } | { readonly because: Unauthenticated }>;
}

/** @param peers the only ones whose requests are taken; lowercase. */
export function createPeerAuthenticator(options: {
  readonly me: Address;
  readonly peers: readonly Address[];
  readonly domainSalt: Hex;
  readonly nowMs: () => number;
}): PeerAuthenticator {
  const { me, peers, domainSalt, nowMs } = options;
  /** Requests taken within the window, by what was signed: a signature has more than one form, a message has not. */
  const taken = new Map<string, number>();

  const precheck = (headers: Headers): Unauthenticated | null => {
    const given = read(headers);
    if (given === null) return "unsigned";
    if (!peers.includes(given.from)) return "unknown-operator";
    return Math.abs(nowMs() - given.timeMs) > peerWindowMs ? "clock-skew" : null;
  };

  return {
    precheck,
    async authenticate({ method, path, headers, body }) {
      const early = precheck(headers);
      const given = read(headers);
      if (early !== null || given === null) return { because: early ?? "unsigned" };
      const { from, timeMs, nonce, signature } = given;
      const message = messageOf({ domainSalt, from, to: me, method, path, body, timeMs, nonce });
      const signer = await recoverMessageAddress({ message, signature }).catch(() => null);
      if (signer?.toLowerCase() !== from) return { because: "wrong-signature" };
      if (taken.has(message)) return { because: "replayed" };
      for (const [old, until] of taken) {
        // In order of arrival, and each is kept for the same time.
        if (until > nowMs()) break;
        taken.delete(old);
      }
      taken.set(message, nowMs() + 2 * peerWindowMs);
      return { operator: from };
    },
  };
}

interface Given {
  readonly from: Address;
  readonly timeMs: number;
  readonly nonce: string;
  readonly signature: Hex;
}

function read(headers: Headers): Given | null {
  const from = operatorOf(headers);
  const time = headers.get(names.time) ?? "";
  const nonce = headers.get(names.nonce) ?? "";
  const signature = headers.get(names.signature) ?? "";
  const shaped =
    /^0x[0-9a-f]{40}$/.test(from) &&
    /^[0-9]{1,15}$/.test(time) &&
    /^[0-9a-f]{32}$/.test(nonce) &&
    /^0x[0-9a-fA-F]{130}$/.test(signature);
  return shaped ? { from: from as Address, timeMs: Number(time), nonce, signature: signature as Hex } : null;
}
