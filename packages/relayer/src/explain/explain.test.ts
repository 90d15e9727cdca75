import type { Epoch } from "@plimsoll/protocol/epoch";
import type { Portfolio, StateAtCut } from "@plimsoll/protocol/state";
import { transition } from "@plimsoll/protocol/transition/transition";
import type { MessageJson } from "@plimsoll/protocol/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alice, btc, btcPerp, market, testChains, usdc } from "../../test/support/chains.ts";
import { manualClock } from "../../test/support/clock.ts";
import { accountView } from "../api/accountView.ts";
import { type ExplainFacts, explainAccount } from "./explainAccount.ts";
import { explainText, usd } from "./explainText.ts";

const e8 = 10n ** 8n;
const feedAddress = `0x${"fe".repeat(20)}` as const;
const guid = `0x${"97".repeat(32)}` as const;

/** Alice with her collateral on the hub, and these portfolios on chains 2 and 3. A silent feed last answered long ago. */
function factsOf(two: Portfolio, three: Portfolio, feed: "fresh" | "silent" = "fresh"): ExplainFacts {
  const set = { id: 1, threshold: 2, members: [] };
  const chains = testChains(manualClock(1_760_000_000_000), set);
  const view = chains.viewFor();
  const cut = view.finalizedCut(null) ?? expect.unreachable();
  const before = view.stateAt(cut);
  const portfolios = new Map([
    [2, two],
    [3, three],
  ]);
  const prices = new Map(before.hub.prices);
  const answer = prices.get(btc) ?? expect.unreachable();
  if (feed === "silent") prices.set(btc, { ...answer, updatedAtSeconds: 0 });
  const state: StateAtCut = {
    ...before,
    hub: { ...before.hub, prices },
    chains: new Map(
      [...before.chains].map(([eid, chain]) => {
        const mine = portfolios.get(eid);
        return [
          eid,
          mine === undefined ? chain : { ...chain, portfolios: new Map([[market, new Map([[alice, mine]])]]) },
        ];
      }),
    ),
  };
  const { epoch, accounts } = transition({ epoch: 1, operatorSetId: 1, issuedAt: 1_760_000_000, state, earlier: [] });
  const place = (blockNumber: number) => ({ blockNumber, transactionHash: guid, timestampSeconds: 1_760_000_000 });
  const message: MessageJson = {
    ...{ guid, payloadHash: guid, nonce: "1", srcEid: 1, dstEid: 1, sender: "0x", receiver: "0x", account: alice },
    ...{ status: "delivered", sent: place(3), verified: place(4), delivered: place(5) },
  };
  const late: MessageJson = { ...message, guid: `0x${"98".repeat(32)}`, status: "verified", delivered: null };
  const held = (eid: number, portfolio: Portfolio) =>
    [...portfolio.positions.keys()].map((instrument) => ({ eid, consumer: market, instrument, block: 10 + eid }));
  return {
    ...{ account: alice, epoch, state, report: accounts.get(alice) ?? expect.unreachable(), messages: [late, message] },
    provenance: {
      vaults: [{ eid: 1, asset: usdc, block: 2 }],
      ledger: [{ vaultEid: 1, asset: usdc, block: 5, sequence: 9n }],
      cash: [2, 3].map((eid) => ({ eid, consumer: market, block: 20 + eid })),
      positions: [...held(2, two), ...held(3, three)],
      feeds: new Map([[feedAddress, 30]]),
    },
    chainName: (eid) => ["", "alder", "birch", "cedar"][eid] ?? "?",
  };
}

const portfolio = (cash: bigint, size: bigint): Portfolio => ({
  cash,
  positions: size === 0n ? new Map() : new Map([[btcPerp, size]]),
});

describe("explainAccount", () => {
  test("behavior: the parts add up to the margin that is signed by, to the last digit, whatever is held", () => {
    const amount = fc.bigInt({ min: -2n * e8, max: 2n * e8 });
    const cash = fc.bigInt({ min: -9_000n * e8, max: 9_000n * e8 });
    fc.assert(
      fc.property(cash, amount, cash, amount, (cashTwo, sizeTwo, cashThree, sizeThree) => {
        const facts = factsOf(portfolio(cashTwo, sizeTwo), portfolio(cashThree, sizeThree));
        const { attribution, portfolios } = explainAccount(facts);
        const { margin } = facts.report;
        expect(attribution?.summary).toEqual(margin);
        const positions = portfolios.flatMap((one) => one.positions.map((position) => position.margin));
        const collateral = attribution?.collateral.map((part) => part.margin) ?? [];
        expect([...positions, ...collateral].reduce((sum, part) => sum + part, 0n)).toBe(margin.initialMargin);
      }),
      { numRuns: 40 },
    );
  });

  test("default: every figure with its block, and the message that brought it", () => {
    const { collateral, portfolios, shocks } = explainAccount(factsOf(portfolio(5n * e8, e8 / 10n), portfolio(0n, 0n)));
    expect(collateral).toMatchObject([
      { chain: "alder", asset: usdc, vaultBlock: 2, ledgerBlock: 5, sequence: 9n, message: { guid } },
    ]);
    expect(portfolios[0]).toMatchObject({
      chain: "birch",
      cash: 5n * e8,
      cashBlock: 22,
      positions: [{ instrument: btcPerp, size: e8 / 10n, block: 12 }],
    });
    // A long loses when BTC falls.
    expect(shocks).toMatchObject([{ priceBps: -1500, volatilityBps: 0 }]);
    const [position] = portfolios[0]?.positions ?? [];
    expect(position?.stressedPrice).toBeLessThan(position?.price ?? 0n);
    expect(position?.margin).toBeGreaterThan(0n);
  });

  test("behavior: a position without a leaf, because its feed is silent, still has the price that it is valued at", () => {
    const facts = factsOf(portfolio(0n, e8 / 10n), portfolio(0n, 0n), "silent");
    expect(facts.epoch.instruments.has(btcPerp)).toBe(false);
    const { attribution, portfolios } = explainAccount(facts);
    expect(attribution?.summary).toEqual(facts.report.margin);
    const [position] = portfolios[0]?.positions ?? [];
    expect(position?.price).toBeGreaterThan(100_000n * e8);
    expect(position?.margin).toBeGreaterThan(0n);

    const view = accountView({ ...facts, newest: [], postedEpochs: new Map() });
    const [told] = view.portfolios[0]?.positions ?? [];
    expect(BigInt(told?.mark ?? 0n)).toBeGreaterThan(100_000n * e8);
    expect(told?.value).toBe(String(BigInt(told?.mark ?? 0n) / 10n));
  });

  test("default: a text that says why", () => {
    const facts = factsOf(portfolio(0n, e8 / 10n), portfolio(0n, 0n));
    const text = explainText(explainAccount(facts));
    for (const part of [
      "sub-account 7 of 0xa1a1",
      "status active",
      "what scenario 2 takes: BTC -15 %",
      "in the vault 10000, since block 2",
      `on the hub   10000, since block 5, report 9, message ${guid}`,
      `worth ${usd(facts.report.collateral[0]?.value ?? 0n)}`,
      "could leave  0 without operators",
      "0.1 BTC-PERP at",
      "since block 12",
      "hub block 30",
      "alder -> alder: verified; sent in block 3 at 2025-10-09T08:53:20Z, verified in block 4",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/undefined|NaN|\?/);
  });

  test("behavior: who holds nothing is told what could leave without operators", () => {
    const text = explainText(explainAccount(factsOf(portfolio(0n, 0n), portfolio(0n, 0n))));
    expect(text).toContain("could leave  5000 without operators");
  });

  test("behavior: where nothing was ever held it says so", () => {
    const facts = factsOf(portfolio(0n, 0n), portfolio(0n, 0n));
    const provenance = { ...facts.provenance, cash: [] };
    const text = explainText(explainAccount({ ...facts, provenance }));
    expect(text).toContain("nothing was ever held here");
    expect(text).not.toMatch(/undefined|NaN|\?/);
  });

  test("behavior: an account below one of its margins is told which", () => {
    const text = (cash: bigint) => explainText(explainAccount(factsOf(portfolio(cash, e8 / 10n), portfolio(0n, 0n))));
    expect(text(-20_500n * e8)).toMatch(/status reduce-only(.|\n)*the least value is below zero: reduce-only/);
    expect(text(-21_000n * e8)).toMatch(
      /status liquidatable(.|\n)*more than the value: liquidatable(.|\n)*liquidators may take all but [1-9].* of notional/,
    );
    expect(text(-22_000n * e8)).toMatch(
      /status insolvent(.|\n)*the value is below zero: insolvent(.|\n)*the backstop may take all of it, and leave 9,.* owing/,
    );
  });
});

describe("what counts for less than there is", () => {
  const held = factsOf(portfolio(0n, 0n), portfolio(0n, 0n));
  const key = `${alice}:${usdc}` as const;

  /** 10,000 reported, and this at the vault; two epochs of which the first may approve what is asked for. */
  function textOf(vault: { deposited: bigint; withdrawn: bigint; requestedTotal: bigint }): string {
    const chain = held.state.chains.get(1) ?? expect.unreachable();
    const chains = new Map(held.state.chains).set(1, { ...chain, vaultTotals: new Map([[key, vault]]) });
    const state: StateAtCut = { ...held.state, chains };
    const run = (epoch: number, earlier: Epoch[]) =>
      transition({ epoch, operatorSetId: 1, issuedAt: 1_760_000_000, state, earlier });
    const { epoch, accounts } = run(2, [run(1, []).epoch]);
    return explainText(explainAccount({ ...held, state, epoch, report: accounts.get(alice) ?? expect.unreachable() }));
  }
  const dollars = (amount: bigint) => amount * 1_000_000n;

  test("default: nothing is said where nothing is missing", () => {
    const text = textOf({ deposited: dollars(10_000n), withdrawn: 0n, requestedTotal: 0n });
    expect(text).toContain("counts for   10000,");
    expect(text).not.toMatch(/ less \d|asked for/);
  });

  test("behavior: a deposit without a report, and a withdrawal that was approved and not claimed", () => {
    const text = textOf({ deposited: dollars(12_000n), withdrawn: dollars(500n), requestedTotal: dollars(3_000n) });
    expect(text).toContain("in the vault 11500,");
    expect(text).toContain("less 2000 that no report has told the hub of yet");
    expect(text).toContain("less 2500 approved for withdrawal and not claimed yet");
    expect(text).toContain("counts for   7000,");
    expect(text).not.toContain("asked for");
  });

  test.each([
    [11_000n, "some of it is not reported yet"],
    [12_001n, "it is more than there is"],
  ])("behavior: %d dollars asked for and not approved", (asked, why) => {
    const text = textOf({ deposited: dollars(12_000n), withdrawn: 0n, requestedTotal: dollars(asked) });
    expect(text).toContain(`asked for    ${asked} to withdraw, not approved yet: ${why}`);
  });
});

test.each([
  [0n, "0.00 USD"],
  [-123_456_789_012n, "-1,234.56 USD"],
  [100_000_000_000_000_000n, "1,000,000,000.00 USD"],
  [999_999n, "0.00 USD"],
])("usd: %d", (amount, text) => {
  expect(usd(amount)).toBe(text);
});
