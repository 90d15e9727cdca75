import { OpenAPIHono } from "@hono/zod-openapi";
import { hashDeleverageLeaf } from "@plimsoll/protocol/leaves";
import { verifyProof } from "@plimsoll/protocol/merkle";
import { provable } from "@plimsoll/protocol/proofs";
import { transition } from "@plimsoll/protocol/transition/transition";
import type { DeleverageProofJson } from "@plimsoll/protocol/wire";
import { expect, test } from "vitest";
import { alice, btcPerp, market, testChains } from "../../test/support/chains.ts";
import { manualClock } from "../../test/support/clock.ts";
import { addDeleverageProofRoute } from "./deleverageProof.ts";
import type { ApiSource } from "./source.ts";

const e8 = 10n ** 8n;
const bob = `0x${"b0".repeat(32)}` as const;
const carol = `0x${"c0".repeat(32)}` as const;
const broke = `0x${"dd".repeat(32)}` as const;

/** One that owes more than it has, and two who hold the other side, one of them at a profit. */
function appOf() {
  const set = { id: 1, threshold: 0, members: [] };
  const view = testChains(manualClock(1_760_000_000_000), set).viewFor();
  const cut = view.finalizedCut(null) ?? expect.unreachable();
  const before = view.stateAt(cut);
  const short = (cash: bigint) => ({ cash: cash * e8, positions: new Map([[btcPerp, -e8 / 20n]]) });
  const books = new Map([
    [broke, { cash: -20_000n * e8, positions: new Map([[btcPerp, e8 / 10n]]) }],
    [bob, short(7_500n)],
    [carol, short(9_000n)],
  ]);
  const state = {
    ...before,
    chains: new Map(
      [...before.chains].map(([eid, chain]) => {
        return [eid, eid === 2 ? { ...chain, portfolios: new Map([[market, books]]) } : chain] as const;
      }),
    ),
  };
  const { epoch } = transition({ epoch: 1, operatorSetId: 1, issuedAt: 1_760_000_000, state, earlier: [] });
  const summary = { header: epoch.header, cut: epoch.cut };
  const source = {
    chains: [{ eid: 2, contracts: { consumers: [market] } }],
    view: { ...view, stateAt: () => state },
    store: { newestAttested: () => summary, signaturesOf: () => [] },
  } as unknown as ApiSource;
  const app = new OpenAPIHono();
  addDeleverageProofRoute(app, source, { note() {}, find: () => ({ summary, provable: provable(epoch) }) as never });
  return async (more: string) => {
    const response = await app.request(`/v1/proofs/deleverage?eid=2&consumer=${market}&account=${broke}${more}`);
    return (await response.json()) as DeleverageProofJson;
  };
}

test("default: the queue with its proof, and the leaves of all who are in it", async () => {
  const { attestation, leaf, proof, accounts, instruments } = await appOf()("");
  expect(leaf).toEqual({ account: broke, consumer: market, queue: [carol, bob] });
  expect(verifyProof(attestation.chainRoot, hashDeleverageLeaf(leaf), proof)).toBe(true);
  expect(accounts.map(({ account, status }) => [account, status])).toEqual([
    [bob, 0],
    [carol, 0],
    [broke, 3],
  ]);
  expect(instruments.map(({ instrument }) => instrument)).toEqual([btcPerp]);
});

test("behavior: leaves of as many as asked for, and of whoever else is named", async () => {
  const { leaf, accounts } = await appOf()(`&counterparties=0&accounts=${alice}`);
  expect(leaf.queue).toHaveLength(2);
  expect(accounts.map(({ account }) => account)).toEqual([alice, broke].sort());
});
