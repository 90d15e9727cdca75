import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import { signHeader } from "@plimsoll/protocol/attestation";
import { buildChainTree, buildRootTree } from "@plimsoll/protocol/chain-tree";
import type { Epoch, TransitionInput } from "@plimsoll/protocol/epoch";
import type { Eid } from "@plimsoll/protocol/ids";
import { packInt64 } from "@plimsoll/protocol/packed";
import { provable, proveChain, proveMargin } from "@plimsoll/protocol/proofs";
import type { ChainState, CutBlock } from "@plimsoll/protocol/state";
import { transition } from "@plimsoll/protocol/transition/transition";
import { type Address, ContractFunctionRevertedError, type Hex, keccak256, parseEther, toHex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Anvil, startAnvil } from "../differential/anvil.ts";
import { type BondedHub, deployBondedHub } from "./hub.ts";

// A real epoch of the transition, over what a hub with bonds really has registered, reported and priced.

const hubEid = 30_101;
const markets: readonly { readonly eid: Eid; readonly consumer: Address }[] = [
  { eid: hubEid, consumer: `0x${"0a".repeat(20)}` },
  { eid: 30_110, consumer: `0x${"0b".repeat(20)}` },
];
const salt: Hex = `0x${"5a".repeat(32)}`;
const usdc = nameToId("USDC");
const account = makeAccountId(`0x${"a1".repeat(20)}`);
const operatorKeys = ["one", "two"].map((name) => keccak256(toHex(name)));
const leastBond = 1_000_000_000n;
const depthE8 = 10n ** 19n;
const limits = { freshSeconds: 3_600, maxAgeSeconds: 7_200, lastSeconds: 9_000, widestBps: 20_000 };

let anvil: Anvil;
let hub: BondedHub;
let input: TransitionInput;

beforeAll(async () => {
  anvil = await startAnvil();
  hub = await deployBondedHub(anvil.rpcUrl, hubEid, salt, leastBond);
  const { client, send, vault, registry, ledger, risk, feed, token, bonds } = hub;
  await send(risk, "setUnderlying", [usdc, { feed: feed.address, feedDecimals: 8, ...limits, depth: depthE8 }]);
  await send(risk, "setAsset", [
    hubEid,
    token.address,
    { underlying: usdc, haircutBps: 0, decimals: 6, depth: depthE8 },
  ]);
  for (const { eid, consumer } of markets) await send(risk, "setConsumer", [eid, consumer, true]);
  const deposited = 100_000_000n;
  await send(ledger, "recordLocal", [account, 1n, [{ asset: token.address, deposited, withdrawn: 0n }]]);
  for (const key of operatorKeys) {
    const operator = privateKeyToAddress(key);
    await client.setBalance({ address: operator, value: parseEther("1") });
    await client.impersonateAccount({ address: operator });
    await send(token, "mint", [operator, leastBond]);
    await send(token, "approve", [bonds.address, leastBond], operator);
    await send(bonds, "stake", [leastBond], operator);
  }
  const members = operatorKeys.map((key) => privateKeyToAddress(key)).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  await send(registry, "setOperators", [members, 2]);

  await send(feed, "push", [99_990_000n]);
  await client.increaseTime({ seconds: 1_200 });
  await send(feed, "push", [100_010_000n]);
  const block = await client.getBlock();
  const cut = [hubEid, 30_110].map(
    (eid): CutBlock => ({
      eid,
      number: Number(block.number),
      hash: block.hash,
      timestampSeconds: Number(block.timestamp),
    }),
  );
  const key = `${account}:${token.address}` as const;
  const chainState = (block: CutBlock): ChainState => ({
    block,
    postedEpoch: null,
    postedRoot: null,
    vaultTotals: new Map(block.eid === hubEid ? [[key, { deposited, withdrawn: 0n, requestedTotal: 0n }]] : []),
    portfolios: new Map(),
  });
  input = {
    epoch: 1,
    operatorSetId: 1,
    issuedAt: Number(block.timestamp) + 5,
    earlier: [],
    state: {
      cut,
      chains: new Map(cut.map((one) => [one.eid, chainState(one)])),
      hub: {
        eid: hubEid,
        risk: {
          version: await client.readContract({ ...risk, functionName: "version" }),
          underlyings: new Map([[usdc, { feed: feed.address, feedDecimals: 8, ...limits, depthE8 }]]),
          volatility: new Map(),
          expiries: new Map(),
          funding: new Map(),
          assets: new Map([
            [`${hubEid}:${token.address}` as const, { underlying: usdc, haircutBps: 0, decimals: 6, depthE8 }],
          ]),
          instruments: new Map(),
          vaults: new Map([[hubEid, vault]]),
          consumers: new Map(markets.map(({ eid, consumer }) => [`${eid}:${consumer}` as const, true])),
          scenarios: { underlyings: [usdc], priceShocksBps: [0, -500], volatilityShocksBps: [0, 0] },
          margin: {
            maintenanceBps: 6_000,
            bufferBps: 0,
            stickyBps: 0,
            maxLeverage: 10,
            attestationLifetimeSeconds: 300,
          },
        },
        prices: new Map([[usdc, { priceE8: 100_010_000n, updatedAtSeconds: Number(block.timestamp) }]]),
        volatility: new Map(),
        averages: new Map(),
        fundingIndex: new Map(),
        ledger: new Map([[hubEid, new Map([[key, { deposited, withdrawn: 0n }]])]]),
        // Named, so that nothing is kept for exit.
        weights: new Map([[account, markets.map((market) => ({ ...market, weight: 1 }))]]),
      },
    },
  };
});

afterAll(() => anvil?.stop());

/** What anybody can put together from an epoch, its cut and two signatures. */
async function prove(epoch: Epoch) {
  const { header, cut } = epoch;
  const signed = await Promise.all(operatorKeys.map((key) => signHeader(header, salt, key)));
  const from = provable(epoch);
  const allotments = markets.map(({ eid, consumer }, index) => {
    const { accounts, siblings } = proveMargin(from, eid, consumer, { accounts: [account], instruments: [] });
    const [leaf] = accounts;
    if (leaf === undefined) throw new TypeError("the account has no leaf");
    return {
      consumer: BigInt(index),
      leaf: { ...leaf, allotment: packInt64(leaf.allotment) },
      proof: siblings,
      ...proveChain(from, eid),
    };
  });
  return hub.send(hub.bonds, "proveOverAllotment", [
    {
      ...header,
      epoch: BigInt(header.epoch),
      issuedAt: BigInt(header.issuedAt),
      expiresAt: BigInt(header.expiresAt),
    },
    signed.map(({ signature }) => signature),
    cut.map(({ number, timestampSeconds, ...block }) => ({
      ...block,
      number: BigInt(number),
      timestamp: BigInt(timestampSeconds),
    })),
    allotments,
    [{ underlying: usdc, first: 1n, last: 2n }],
  ]);
}

/** The same epoch with more for the account at one market. */
function inflated(epoch: Epoch, eid: Eid, consumer: Address, byE8: bigint): Epoch {
  const leaves = epoch.chains.get(eid);
  const allotment = leaves?.allotments.get(consumer)?.get(account);
  if (leaves === undefined || allotment === undefined) throw new TypeError("the account has no leaf");
  const losses = allotment.losses.map((loss) => loss + byE8);
  const allotments = new Map(leaves.allotments).set(consumer, new Map([[account, { ...allotment, losses }]]));
  const chain = { ...leaves, allotments };
  const chainRoots = new Map(epoch.chainRoots).set(eid, buildChainTree(chain, epoch.instruments).root);
  const header = { ...epoch.header, root: buildRootTree(chainRoots).root };
  return { ...epoch, header, chains: new Map(epoch.chains).set(eid, chain), chainRoots };
}

test("default: an epoch that allots one unit more than was deposited costs its signers their bonds", async () => {
  const { epoch } = transition(input);
  const allotted = markets.reduce((sum, { eid, consumer }) => {
    return sum + (epoch.chains.get(eid)?.allotments.get(consumer)?.get(account)?.losses[0] ?? 0n);
  }, 0n);
  const worth = 10_001_000_000n;
  // Nothing is kept back here, so that what is allotted is all but the roundings of what may be.
  expect(worth - allotted).toBeLessThan(100n);
  const refusal = { data: { errorName: "NotOverAllotted", args: [allotted, worth] } };
  const [market] = markets;
  if (market === undefined) throw new TypeError("there is a market");
  await expect(prove(epoch)).rejects.toSatisfy((error) => matches(error, refusal));
  const atTheBound = inflated(epoch, market.eid, market.consumer, worth - allotted);
  await expect(prove(atTheBound)).rejects.toSatisfy((error) =>
    matches(error, { data: { errorName: "NotOverAllotted", args: [worth, worth] } }),
  );

  const { gasUsed } = await prove(inflated(epoch, market.eid, market.consumer, worth - allotted + 1n));
  console.info(`proveOverAllotment: ${gasUsed} gas, two consumers, one asset, two rounds, two signers`);
  for (const key of operatorKeys) {
    const args = [privateKeyToAddress(key)] as const;
    const bond = await hub.client.readContract({ ...hub.bonds, functionName: "bondOf", args });
    expect(bond).toMatchObject({ staked: 0n, expelled: true });
  }
});

function matches(error: unknown, { data }: { data: { errorName: string; args: readonly unknown[] } }): boolean {
  const cause = (error as { walk?: (find: (one: unknown) => boolean) => unknown }).walk?.(
    (one) => one instanceof ContractFunctionRevertedError,
  );
  expect(cause).toMatchObject({ data });
  return true;
}
