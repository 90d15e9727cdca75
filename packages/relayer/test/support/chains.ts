import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import type { Header } from "@plimsoll/protocol/epoch";
import type { AccountAssetKey, ChainAddressKey } from "@plimsoll/protocol/ids";
import type { Cut, CutBlock, StateAtCut } from "@plimsoll/protocol/state";
import { type Address, type Hex, keccak256, toHex } from "viem";
import type { Clock } from "../../src/clock.ts";
import type { ChainView, OperatorSet, ReplacedSet } from "../../src/quorum/chainView.ts";

const hub = 1;
/** So deep that no amount of a test is large against it. */
const deep = 10n ** 30n;
const eids = [1, 2, 3];
export const market: Address = `0x${"0b".repeat(20)}`;
export const vault: Address = `0x${"aa".repeat(20)}`;
export const usdc: Address = `0x${"bb".repeat(20)}`;
export const alice = makeAccountId(`0x${"a1".repeat(20)}`, 7n);
export const btcPerp = nameToId("BTC-PERP");
export const lifetimeSeconds = 60;
const oneUsd = 100_000_000n;
export const btc = nameToId("BTC");
const usd = nameToId("USDC");
const feed: Address = `0x${"fe".repeat(20)}`;

/** What a chain remembers of the epoch posted there. */
type PostedAs = Pick<Header, "epoch" | "root" | "expiresAt">;

interface Block extends CutBlock {
  readonly posted: PostedAs | null;
  readonly depositedDollars: bigint;
}

/**
 * Three chains that exist in memory: a hub with a vault, and two with a market each. The price of BTC is another one in
 * every block of the hub.
 */
export interface TestChains {
  /** Adds a block to the chains named, or to all. */
  mine(...only: number[]): void;
  /** A set that was in force until the hub's newest block. */
  rotatedFrom(set: Pick<OperatorSet, "members" | "threshold">): void;
  /** The next block of the chain holds this epoch. */
  post(eid: number, epoch: PostedAs | undefined): void;
  deposit(dollars: bigint): void;
  /** What one node has indexed: everything, unless `lag` says how many blocks are lacking. */
  viewFor(lag?: { blocks: number }): ChainView;
  head(eid: number): CutBlock;
}

export function testChains(clock: Clock, operators: OperatorSet): TestChains {
  const chains = new Map<number, Block[]>(eids.map((eid) => [eid, []]));
  const nextPosted = new Map<number, PostedAs>();
  let dollars = 10_000n;
  const replaced: ReplacedSet[] = [];
  const blocksOf = (eid: number): Block[] => chains.get(eid) ?? [];
  const at = (block: CutBlock): Block | undefined => blocksOf(block.eid)[block.number];
  const plain = ({ eid, number, hash, timestampSeconds }: Block): CutBlock => ({ eid, number, hash, timestampSeconds });

  const mine = (...only: number[]) => {
    for (const eid of only.length > 0 ? only : eids) {
      const blocks = blocksOf(eid);
      blocks.push({
        eid,
        number: blocks.length,
        hash: keccak256(toHex(`${eid}:${blocks.length}`)),
        timestampSeconds: Math.floor(clock.nowMs() / 1000),
        posted: nextPosted.get(eid) ?? null,
        depositedDollars: dollars,
      });
    }
  };
  mine();

  return {
    mine,
    rotatedFrom(set) {
      const replacedAtSeconds = blocksOf(hub).at(-1)?.timestampSeconds ?? 0;
      replaced.unshift({ id: 0, ...set, replacedAtSeconds, lifetimeSeconds });
    },
    post: (eid, epoch) => {
      if (epoch === undefined) throw new TypeError("no such epoch");
      nextPosted.set(eid, epoch);
      mine(eid);
    },
    deposit: (more) => {
      dollars += more;
      mine(hub);
    },
    head: (eid) => plain(blocksOf(eid).at(-1) as Block),
    viewFor(lag = { blocks: 0 }) {
      const newest = (eid: number): number => Math.max(0, blocksOf(eid).length - 1 - lag.blocks);
      return {
        eids,
        finalizedCut: (previous) =>
          eids.map((eid) => {
            const number = Math.max(newest(eid), previous?.find((block) => block.eid === eid)?.number ?? 0);
            return plain(blocksOf(eid)[number] as Block);
          }),
        checkBlock(block) {
          const known = at(block);
          if (known === undefined || block.number > newest(block.eid)) return "not-indexed";
          return known.hash === block.hash ? "canonical" : "not-canonical";
        },
        operatorSetAt: () => operators,
        replacedSetsAt: () => replaced,
        isPosted: ({ epoch, root, expiresAt }) =>
          eids.some((eid) => {
            const posted = blocksOf(eid)[newest(eid)]?.posted;
            return posted?.epoch === epoch && posted.root === root && posted.expiresAt === expiresAt;
          }),
        stateAt: (cut) => stateAt(cut, at),
      };
    },
  };
}

function stateAt(cut: Cut, at: (block: CutBlock) => Block | undefined): StateAtCut {
  const hubBlock = cut.find(({ eid }) => eid === hub);
  const hubState = hubBlock === undefined ? undefined : at(hubBlock);
  const updatedAtSeconds = hubState?.timestampSeconds ?? 0;
  const deposited = (hubState?.depositedDollars ?? 0n) * 1_000_000n;
  const key: AccountAssetKey = `${alice}:${usdc}`;
  const limits = { freshSeconds: 1800, maxAgeSeconds: 3600, lastSeconds: 7200, widestBps: 20_000 };
  const underlying = { ...limits, feed, feedDecimals: 8, depthE8: deep };
  return {
    cut,
    hub: {
      eid: hub,
      risk: {
        version: 1,
        underlyings: new Map([btc, usd].map((id) => [id, underlying])),
        assets: new Map([
          [`${hub}:${usdc}` as ChainAddressKey, { underlying: usd, haircutBps: 100, decimals: 6, depthE8: deep }],
        ]),
        volatility: new Map(),
        expiries: new Map(),
        funding: new Map(),
        instruments: new Map([
          [
            btcPerp,
            {
              kind: "perpetual",
              underlying: btc,
              multiplierE8: oneUsd,
              strikeE8: 0n,
              expirySeconds: 0,
              chargeBps: 10,
              basisBpsAYear: 0,
              mostBasisBps: 0,
              shortMinimumBps: 0,
            },
          ],
        ]),
        vaults: new Map([[hub, vault]]),
        consumers: new Map<ChainAddressKey, boolean>([
          [`2:${market}`, true],
          [`3:${market}`, true],
        ]),
        scenarios: {
          underlyings: [btc, usd],
          priceShocksBps: [0, 0, 1500, 0, -1500, 0],
          volatilityShocksBps: [0, 0, 0, 0, 0, 0],
        },
        margin: {
          maintenanceBps: 6000,
          bufferBps: 500,
          stickyBps: 300,
          maxLeverage: 10,
          attestationLifetimeSeconds: lifetimeSeconds,
        },
      },
      prices: new Map([
        [btc, { priceE8: (120_000n + BigInt(hubBlock?.number ?? 0)) * oneUsd, updatedAtSeconds }],
        [usd, { priceE8: oneUsd, updatedAtSeconds }],
      ]),
      volatility: new Map(),
      averages: new Map(),
      fundingIndex: new Map(),
      ledger: new Map([[hub, new Map([[key, { deposited, withdrawn: 0n }]])]]),
      weights: new Map(),
    },
    chains: new Map(
      cut.map((block) => [
        block.eid,
        {
          block,
          postedEpoch: at(block)?.posted?.epoch ?? null,
          postedRoot: at(block)?.posted?.root ?? null,
          vaultTotals:
            block.eid === hub ? new Map([[key, { deposited, withdrawn: 0n, requestedTotal: 0n }]]) : new Map(),
          portfolios: block.eid === hub ? new Map() : new Map([[market, new Map()]]),
        },
      ]),
    ),
  };
}

export const salt: Hex = `0x${"5a".repeat(32)}`;
