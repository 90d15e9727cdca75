import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import { freePorts } from "@plimsoll/devnet/chains/port";
import { type Devnet, startDevnet } from "@plimsoll/devnet/devnet";
import { makeAccountId, nameToId } from "@plimsoll/protocol/account";
import type { KeptProposal } from "@plimsoll/relayer/rebuild/readProposals";
import { type Address, type Hex, zeroHash } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkChains } from "../src/checker/checkChains.ts";
import { mergeRecords, rivalsIn } from "../src/checker/checkRecords.ts";
import { exitsBesideAllotments } from "../src/checker/exits.ts";
import {
  claim,
  depositEtherAndAsk,
  depositUsdc,
  exit,
  expireLongAgo,
  found,
  loneExit,
  loneLeaf,
  lopsidedMarket,
  type On,
  on,
  overwrite,
  postSigned,
  send,
} from "./support/forge.ts";

// The checker on real chains with the real contracts, and everything broken on them that it is there to find.

const deposited = 1_000_000_000n;
const approved = 300_000_000n;
let devnet: Devnet;
let alder: On;
let birch: On;
let cedar: On;
let alice: Hex;
let account: Hex;
let snapshots: readonly Hex[];

/** Somebody deposits on two chains; an epoch approves a withdrawal on one, which is paid. Nothing is wrong with it. */
beforeAll(async () => {
  const [first = 0, second = 0, third = 0] = await freePorts(3);
  devnet = await startDevnet({ ports: [first, second, third] });
  for (const { client } of devnet.chains) await client.setIntervalMining({ interval: 0 });
  [alder, birch, cedar] = [on(devnet, "alder"), on(devnet, "birch"), on(devnet, "cedar")];
  alice = devnet.accounts.alice.address;
  account = makeAccountId(devnet.accounts.alice.address);
  await depositUsdc(alder, devnet.accounts.alice.address, account, deposited);
  await depositUsdc(birch, devnet.accounts.alice.address, account, deposited);
  const paid = loneLeaf(alder, account, approved);
  await postSigned(devnet, alder, 1, paid.chainRoot);
  await claim(devnet, alder, paid);
});
afterAll(() => devnet?.stop());
beforeEach(async () => {
  snapshots = await Promise.all(devnet.chains.map(({ client }) => client.snapshot()));
});
afterEach(async () => {
  await Promise.all(devnet.chains.map(({ client }, index) => client.revert({ id: found(snapshots[index]) })));
});

const invariants = async () => new Set((await checkChains(devnet.deployment)).map(({ invariant }) => invariant));
/** Two words of 128 bits, as the vault keeps an account's totals. */
const totalsWord = (withdrawn: bigint) => (withdrawn << 128n) | deposited;
const forgetPayments = (withdrawn: bigint) =>
  overwrite(alder.chain, alder.vault, [account, alder.usdc], totalsWord(withdrawn), totalsWord(0n));

describe("the chains", () => {
  test("default: nothing is wrong", async () => {
    expect(await checkChains(devnet.deployment)).toEqual([]);
  });

  test("error: tokens taken out of a vault", async () => {
    await alder.chain.client.impersonateAccount({ address: alder.vault });
    await alder.chain.client.setBalance({ address: alder.vault, value: 10n ** 18n });
    const transfer = { abi: testTokenAbi, functionName: "transfer", args: [devnet.accounts.bob.address, 1n] } as const;
    await send(alder.chain, { from: alder.vault, to: alder.usdc, ...transfer });
    await alder.chain.client.setBalance({ address: alder.vault, value: 0n });
    expect(await invariants()).toEqual(new Set(["vault-covers-claims", "vault-accounts-for-tokens"]));
  });

  test("error: paid twice on one approval", async () => {
    await forgetPayments(approved);
    await claim(devnet, alder, loneLeaf(alder, account, approved));
    expect(await invariants()).toContain("paid-once-as-approved");
  });

  test("error: paid on a root that nobody posted", async () => {
    const forged = loneLeaf(alder, account, 2n * approved);
    const { attestations } = alder.deployed.contracts;
    const posted = BigInt(loneLeaf(alder, account, approved).chainRoot);
    await overwrite(alder.chain, attestations, [], posted, BigInt(forged.chainRoot));
    await claim(devnet, alder, forged);
    expect(await invariants()).toEqual(new Set(["paid-once-as-approved"]));
  });

  test("error: a vault's books without a payment that was made", async () => {
    await forgetPayments(approved);
    expect(await invariants()).toEqual(
      new Set(["paid-once-as-approved", "vault-accounts-for-tokens", "vault-covers-claims"]),
    );
  });

  test("error: the hub knows of a deposit that its own vault has no more", async () => {
    const totals = { address: birch.vault, keys: [account, birch.usdc] as Hex[] };
    await overwrite(birch.chain, totals.address, totals.keys, deposited, deposited - 1n);
    expect(await invariants()).toContain("ledger-below-vault");
  });

  test("error: ether that stayed in a vault, and wrapped ether with none behind it", async () => {
    await alder.chain.client.setBalance({ address: alder.vault, value: 1n });
    expect(await invariants()).toEqual(new Set(["ether-is-wrapped"]));
    await alder.chain.client.setBalance({ address: alder.vault, value: 0n });
    await alder.chain.client.setBalance({ address: alder.ether, value: 0n });
    expect(await invariants()).toEqual(new Set(["ether-is-wrapped"]));
  });

  describe("exits", () => {
    const coins = 3n * 10n ** 18n;
    const leave = async () => exit(devnet, alder, loneExit(alder, account, coins));
    beforeEach(async () => {
      await depositEtherAndAsk(alder, alice as Address, account, coins);
      await postSigned(devnet, alder, 2, loneExit(alder, account, coins).chainRoot);
    });

    test("default: one that opened is paid, in ether", async () => {
      const before = await alder.chain.client.getBalance({ address: alice as Address });
      await alder.chain.client.increaseTime({ seconds: 120 + 3_600 + 60 });
      await alder.chain.client.mine({ blocks: 1 });
      await leave();
      const after = await alder.chain.client.getBalance({ address: alice as Address });
      expect(after - before).toBeGreaterThan(coins - 10n ** 17n);
      expect(await checkChains(devnet.deployment)).toEqual([]);
    });

    test("error: one that was paid before it opened", async () => {
      await expireLongAgo(alder);
      await leave();
      expect(await invariants()).toEqual(new Set(["paid-once-as-approved"]));
    });
  });

  test("error: a market in which somebody has what nobody owes", async () => {
    const market = found(cedar.deployed.contracts.consumers[0]);
    const bytecode = lopsidedMarket(account, nameToId("BTC-PERP"));
    await cedar.chain.client.setCode({ address: market, bytecode });
    const hash = await cedar.chain.client.sendTransaction({ account: alice, chain: null, to: market, gas: 100_000n });
    await cedar.chain.client.mine({ blocks: 1 });
    expect((await cedar.chain.client.getTransactionReceipt({ hash })).status).toBe("success");
    const violations = await checkChains(devnet.deployment);
    expect(violations.map(({ invariant }) => invariant)).toEqual(["market-sums-to-zero", "market-sums-to-zero"]);
  });

  test("error: a quorum signed two roots for one epoch", async () => {
    await postSigned(devnet, cedar, 1, zeroHash);
    expect(await invariants()).toEqual(new Set(["one-root-per-epoch"]));
  });
});

describe("exits beside allotments", () => {
  const oneDollar = 10n ** 8n;
  /** Half of 1,000 dollars may leave; the markets' allotments are given. */
  const epochWith = (...losses: bigint[]) => {
    const collateral = [
      { eid: 1, asset: "0x01", counted: 1_000n * oneDollar, approvedTotal: 0n, exitTotal: 500n * oneDollar },
    ];
    const consumers = losses.map((loss) => ({ allotment: { losses: BigInt64Array.of(loss * oneDollar, 0n) } }));
    const accounts = new Map([[zeroHash, { collateral, consumers }]]);
    return { epoch: { header: { epoch: 7 } }, accounts } as unknown as Parameters<typeof exitsBesideAllotments>[0];
  };
  const dollarForDollar = (_: string, amount: bigint) => amount;

  test("default: what is kept for exit is allotted to nobody", () => {
    expect(exitsBesideAllotments(epochWith(250n, 250n), dollarForDollar)).toEqual([]);
  });

  test("error: the same collateral may be lost and leave", () => {
    const [violation] = exitsBesideAllotments(epochWith(250n, 251n), dollarForDollar);
    expect(violation).toMatchObject({ invariant: "exit-beside-allotment" });
  });
});

describe("the operators' records", () => {
  const kept = (epoch: number, digest: Hex, attested: boolean): KeptProposal => ({
    ...{ digest, cut: [], earlier: [], attested, signed: true },
    header: {
      ...{ epoch, operatorSetId: 1, root: digest, cutHash: zeroHash, riskVersion: 1 },
      ...{ issuedAt: epoch, expiresAt: epoch + 120 },
    },
  });

  test("default: what one operator saw attested is attested, and rivals without a quorum are none", () => {
    const merged = mergeRecords([[kept(1, "0xa1", false), kept(1, "0xb1", false)], [kept(1, "0xb1", true)]]);
    expect(merged.map(({ digest, attested }) => [digest, attested])).toEqual([
      ["0xa1", false],
      ["0xb1", true],
    ]);
    expect(rivalsIn(merged)).toEqual([]);
  });

  test("error: each of two results attested at some operator", () => {
    expect(rivalsIn(mergeRecords([[kept(1, "0xa1", true)], [kept(1, "0xb1", true)]]))).toHaveLength(1);
  });
});
