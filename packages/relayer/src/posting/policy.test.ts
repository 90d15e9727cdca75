import type { ChainLeaves, Epoch, InstrumentPrices, InstrumentStatus, Withdrawable } from "@plimsoll/protocol/epoch";
import type { AccountAssetKey } from "@plimsoll/protocol/ids";
import type { Hex } from "viem";
import { describe, expect, test } from "vitest";
import { alice, btcPerp, market, usdc } from "../../test/support/chains.ts";
import { judgePosting, type PostingPolicy } from "./policy.ts";

const zero: Hex = `0x${"00".repeat(32)}`;
const policy = { deviationBps: 10, heartbeatSeconds: 30 };
const prices: InstrumentPrices = {
  status: 0,
  mark: 1_000_000n,
  notional: 1_000_000n,
  charge: 0n,
  settlement: 0n,
  funding: 0n,
  stressBps: 10_000,
  prices: BigInt64Array.of(1_000_000n),
};

interface Wish {
  readonly mark?: bigint;
  readonly settlement?: bigint;
  readonly status?: InstrumentStatus;
  readonly loss?: bigint;
  readonly approved?: bigint;
  readonly exitable?: bigint;
  readonly instruments?: ReadonlyMap<Hex, InstrumentPrices>;
}

function epoch({
  mark = prices.mark,
  settlement = 0n,
  status = 0,
  loss = 5n,
  approved = 0n,
  exitable = 0n,
  instruments,
}: Wish = {}): Epoch {
  const allotment = { status: 0, grossLimit: 1n, losses: BigInt64Array.of(loss) } as const;
  const withdrawable = { approvedTotal: approved, exitTotal: approved + exitable };
  const onVault = new Map<AccountAssetKey, Withdrawable>([[`${alice}:${usdc}`, withdrawable]]);
  const nothing = new Map<AccountAssetKey, Withdrawable>();
  return {
    header: {
      epoch: 1,
      operatorSetId: 1,
      root: zero,
      cutHash: zero,
      riskVersion: 1,
      issuedAt: 1_000,
      expiresAt: 2_000,
    },
    cut: [],
    instruments: instruments ?? new Map([[btcPerp, { ...prices, mark, settlement, status }]]),
    chains: new Map<number, ChainLeaves>([
      [1, { eid: 1, vault: null, withdrawals: onVault, allotments: new Map(), deleverageQueues: new Map() }],
      [
        2,
        {
          eid: 2,
          vault: null,
          withdrawals: nothing,
          allotments: new Map([[market, new Map([[alice, allotment]])]]),
          deleverageQueues: new Map(),
        },
      ],
    ]),
    chainRoots: new Map(),
  };
}

const reasonToPost = (eid: number, posted: Epoch | null, next: Epoch, chosen: PostingPolicy, nowSeconds: number) =>
  judgePosting(eid, posted, next, chosen)(nowSeconds);
const onMarket = (next: Epoch, now = 1_001) => reasonToPost(2, epoch(), next, policy, now);
const onVault = (next: Epoch, now = 1_001) => reasonToPost(1, epoch(), next, policy, now);

describe("judgePosting", () => {
  test("default: nothing new, nothing to post", () => {
    expect(onMarket(epoch())).toBeNull();
    expect(onVault(epoch())).toBeNull();
  });

  test("behavior: never takes a chain's leaves away", () => {
    const speaking = { ...epoch(), chainRoots: new Map([[2, `0x${"01".repeat(32)}` as Hex]]) };
    const nothing: ChainLeaves = {
      eid: 2,
      vault: null,
      allotments: new Map(),
      withdrawals: new Map(),
      deleverageQueues: new Map(),
    };
    const silent = { ...epoch(), chains: new Map([[2, nothing]]), chainRoots: new Map([[2, zero]]) };
    expect(reasonToPost(2, speaking, silent, policy, 9_999)).toBeNull();
    expect(reasonToPost(2, silent, speaking, policy, 1_001)).toBe("accounts");
  });

  test("behavior: one that has nothing more to say to a chain takes back what could leave by exit", () => {
    const vault: ChainLeaves = {
      eid: 2,
      vault: `0x${"a1".repeat(20)}`,
      allotments: new Map(),
      withdrawals: new Map(),
      deleverageQueues: new Map(),
    };
    const exit = new Map([
      [`0x${"01".repeat(32)}:0x${"02".repeat(20)}` as const, { approvedTotal: 0n, exitTotal: 5n }],
    ]);
    const before = {
      ...epoch(),
      chains: new Map([[2, { ...vault, withdrawals: exit }]]),
      chainRoots: new Map([[2, `0x${"01".repeat(32)}` as Hex]]),
    };
    const after = { ...epoch(), chains: new Map([[2, vault]]), chainRoots: new Map([[2, zero]]) };
    expect(reasonToPost(2, before, after, policy, 1_001)).toBe("withdrawals");
  });

  test("behavior: the first one", () => {
    expect(reasonToPost(2, null, epoch(), policy, 1_001)).toBe("first");
  });

  test("behavior: a changed allotment, on its chain alone", () => {
    expect(onMarket(epoch({ loss: 6n }))).toBe("accounts");
    expect(onVault(epoch({ loss: 6n }))).toBeNull();
  });

  test("behavior: an approved withdrawal, on the vault's chain alone", () => {
    expect(onVault(epoch({ approved: 1n }))).toBe("withdrawals");
    expect(onVault(epoch({ exitable: 1n }))).toBe("withdrawals");
    expect(onMarket(epoch({ approved: 1n }))).toBeNull();
  });

  test("behavior: another set of instruments, or one that settled", () => {
    expect(onMarket(epoch({ instruments: new Map() }))).toBe("instruments");
    expect(onMarket(epoch({ settlement: 1n }))).toBe("instruments");
    expect(onMarket(epoch({ status: 1 }))).toBe("instruments");
  });

  test("behavior: a price move beyond the deviation, up or down, where somebody trades", () => {
    expect(onMarket(epoch({ mark: 1_001_000n }))).toBeNull();
    expect(onMarket(epoch({ mark: 1_001_001n }))).toBe("deviation");
    expect(onMarket(epoch({ mark: 998_999n }))).toBe("deviation");
    expect(onVault(epoch({ mark: 1_100_000n }))).toBeNull();
  });

  test("behavior: the heartbeat", () => {
    expect(onVault(epoch(), 1_029)).toBeNull();
    expect(onVault(epoch(), 1_030)).toBe("heartbeat");
  });
});
