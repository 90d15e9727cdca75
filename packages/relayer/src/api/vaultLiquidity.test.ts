import type { Epoch } from "@plimsoll/protocol/epoch";
import type { AccountAssetKey } from "@plimsoll/protocol/ids";
import type { StateAtCut } from "@plimsoll/protocol/state";
import { expect, test } from "vitest";
import { usdc, vault } from "../../test/support/chains.ts";
import { vaultLiquidity } from "./vaultLiquidity.ts";

const key = (digit: string): AccountAssetKey => `0x${digit.repeat(64)}:${usdc}`;

test("default: sums over accounts; what was paid is no claim any more", () => {
  const totals = (deposited: bigint, withdrawn: bigint, requestedTotal: bigint) => ({
    deposited,
    withdrawn,
    requestedTotal,
  });
  const vaultTotals = new Map([
    [key("1"), totals(100n, 10n, 40n)],
    [key("2"), totals(50n, 20n, 0n)],
    [key("3"), totals(7n, 0n, 0n)],
  ]);
  const state = {
    hub: { risk: { vaults: new Map([[1, vault]]), assets: new Map([[`1:${usdc}`, { decimals: 6 }]]) } },
    chains: new Map([
      [1, { block: { eid: 1 }, vaultTotals }],
      [2, { block: { eid: 2 }, vaultTotals: new Map() }],
    ]),
  } as unknown as StateAtCut;
  const withdrawals = new Map([
    [key("1"), { approvedTotal: 40n, exitTotal: 60n }],
    [key("2"), { approvedTotal: 20n, exitTotal: 20n }],
  ]);
  const epoch = { chains: new Map([[1, { withdrawals }]]) } as unknown as Epoch;
  expect(vaultLiquidity(state, epoch)).toEqual([
    {
      eid: 1,
      vault,
      asset: usdc,
      decimals: 6,
      held: "127",
      requested: "30",
      approved: "30",
      exitable: "50",
    },
  ]);
});
