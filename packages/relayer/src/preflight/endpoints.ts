import type { ChainConfig } from "@plimsoll/indexer/config";
import { hostOf } from "@plimsoll/indexer/rpc/endpoint";
import { reasonOf } from "@plimsoll/indexer/rpc/reason";
import type { PublicClient } from "viem";
import { type Finding, looking, well, wrong } from "./finding.ts";
import { readerOf } from "./reader.ts";

/** Further behind another than this, an endpoint lags. */
const mostApartBlocks = 64n;

type Chain = Pick<ChainConfig, "name" | "rpcUrls" | "startBlock" | "finality" | "contracts">;

/** One endpoint by itself, and how far it has come; null where it cannot be used. */
interface Looked {
  readonly host: string;
  readonly reader: PublicClient;
  readonly head: bigint | null;
  readonly final: bigint | null;
  /** Why there is no head. */
  readonly failure: string;
}

/**
 * Each of a chain's endpoints by itself: that it answers, that it has blocks and logs from the start block on, and that
 * those that answer show the same chain.
 */
export async function checkEndpoints(chain: Chain): Promise<Finding[]> {
  const looked = await Promise.all(chain.rpcUrls.map((url) => lookAt(url, chain.finality)));
  const each = await Promise.all(looked.map((one) => checkHistory(chain, one)));
  return [...each, await checkAgreement(chain, looked)];
}

async function lookAt(url: string, finality: Chain["finality"]): Promise<Looked> {
  const reader = readerOf({ rpcUrls: [url] });
  let failure = "";
  const head = await reader.getBlockNumber().catch((error: unknown) => {
    failure = reasonOf(error);
    return null;
  });
  const final =
    finality === "finalized"
      ? await reader.getBlock({ blockTag: "finalized" }).then(
          ({ number }) => number,
          () => null,
        )
      : head === null
        ? null
        : head - BigInt(finality.depth);
  return { host: hostOf(url), reader, head, final: final !== null && final < 0n ? 0n : final, failure };
}

function checkHistory({ name, startBlock, contracts }: Chain, looked: Looked): Promise<Finding> {
  const { host, reader, head, final, failure } = looked;
  const subject = `${name}: history at ${host}`;
  const hint = `Use an endpoint that keeps blocks and logs from block ${startBlock} on: every operator reads them all.`;
  return looking(subject, async () => {
    if (head === null) {
      return wrong(subject, `it does not answer: ${failure}`, "Check the URL and the provider's account.");
    }
    if (final === null) {
      return wrong(
        subject,
        "it tells no final block",
        "Use another endpoint, or finality = { depth = … } for the chain.",
      );
    }
    const number = BigInt(startBlock);
    if (number > head)
      return wrong(subject, `startBlock ${startBlock} is above its head ${head}`, "Correct startBlock.");
    const block = await reader.getBlock({ blockNumber: number }).catch(() => null);
    if (block === null) return wrong(subject, `it has no block ${startBlock}`, hint);
    const logs = await reader
      .getLogs({ address: contracts.attestations, fromBlock: number, toBlock: number })
      .catch(() => null);
    return logs === null ? wrong(subject, `it gives no logs of block ${startBlock}`, hint) : well(subject);
  });
}

function checkAgreement({ name }: Chain, looked: readonly Looked[]): Promise<Finding> {
  const subject = `${name}: agreement`;
  return looking(subject, async () => {
    const answering = looked.filter(({ head, final }) => head !== null && final !== null);
    const [first, ...others] = answering;
    if (first === undefined) return wrong(subject, "no endpoint tells a final block", "Check finality and rpcUrls.");
    if (others.length === 0) return well(`${subject}: one endpoint, and no second one to compare it with`);
    const heads = answering.map(({ head }) => head ?? 0n);
    const [lowest, highest] = [heads.reduce(least), heads.reduce(most)];
    if (highest - lowest > mostApartBlocks) {
      const late = answering.find(({ head }) => head === lowest)?.host ?? "one";
      return wrong(subject, `${late} is ${highest - lowest} blocks behind the others`, "Take it out, or wait for it.");
    }
    const blockNumber = answering.map(({ final }) => final ?? 0n).reduce(least);
    const blocks = await Promise.all(
      answering.map(async ({ host, reader }) => ({ host, hash: (await reader.getBlock({ blockNumber })).hash })),
    );
    const differing = blocks.find(({ hash }) => hash !== blocks[0]?.hash);
    if (differing === undefined) return well(`${subject}: ${answering.length} endpoints, same block ${blockNumber}`);
    return wrong(
      subject,
      `${differing.host} and ${first.host} show different blocks ${blockNumber}`,
      "One of them follows another chain: find out which. Nothing may be signed on it.",
    );
  });
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
