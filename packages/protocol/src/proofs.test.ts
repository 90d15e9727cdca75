import { concatHex } from "viem";
import { expect, test } from "vitest";
import {
  alice,
  bob,
  btcPerp,
  deposit,
  ethPerp,
  makeInput,
  marketB,
  oneUsd,
  portfolio,
  usdc,
  vault,
} from "../test/world.ts";
import { NoSuchLeaf, UnknownAccount, UnknownChain } from "./errors.ts";
import { hashAccountLeaf, hashChainRoot, hashInstrumentLeaf, hashWithdrawalLeaf } from "./leaves.ts";
import { verifyProof } from "./merkle.ts";
import { provable, proveAccount, proveChain, proveInstrument, proveWithdrawal } from "./proofs.ts";
import { accountProofToWire, attestationToWire, instrumentProofToWire, withdrawalProofToWire } from "./to-wire.ts";
import { transition } from "./transition/transition.ts";

const held = portfolio(0n, [[ethPerp, oneUsd]]);
const { epoch } = transition(
  makeInput(4, {
    ...deposit(alice, 10_000n, 300n, 0n),
    portfolios: {
      b: new Map([
        [alice, held],
        [bob, held],
      ]),
    },
  }),
);
const from = provable(epoch);
const rootOfChain = (eid: number) => proveChain(from, eid).chainRoot;

test("default: leaf, sub-root and signed root hang together", () => {
  const { chainRoot, chainPath } = proveChain(from, 2);
  expect(verifyProof(epoch.header.root, hashChainRoot(2, chainRoot), chainPath)).toBe(true);
  const account = proveAccount(from, 2, marketB, alice);
  expect(verifyProof(chainRoot, hashAccountLeaf(account.leaf), account.proof)).toBe(true);
  for (const id of [btcPerp, ethPerp]) {
    const instrument = proveInstrument(from, 2, id);
    expect(instrument.leaf.instrument).toBe(id);
    expect(verifyProof(chainRoot, hashInstrumentLeaf(instrument.leaf), instrument.proof)).toBe(true);
  }
  const withdrawal = proveWithdrawal(from, 1, alice, usdc);
  expect(withdrawal.leaf).toEqual({ account: alice, vault, asset: usdc, approvedTotal: 300_000_000n });
  expect(verifyProof(rootOfChain(1), hashWithdrawalLeaf(withdrawal.leaf), withdrawal.proof)).toBe(true);
});

test("behavior: the JSON of a node's API", () => {
  const attestation = attestationToWire(epoch.header, proveChain(from, 1), concatHex(["0x01", "0x02"]));
  expect(attestation).toMatchObject({ header: { epoch: 4 }, chainRoot: rootOfChain(1), signatures: "0x0102" });
  const { leaf } = accountProofToWire(proveAccount(from, 2, marketB, alice));
  expect(leaf).toMatchObject({ account: alice, consumer: marketB, status: 0 });
  expect(leaf.allotment).toHaveLength(2 + 16 * 7);
  expect(instrumentProofToWire(proveInstrument(from, 2, btcPerp)).leaf.mark).toBe("12000000000000");
  expect(withdrawalProofToWire(attestation, proveWithdrawal(from, 1, alice, usdc)).leaf.approvedTotal).toBe(
    "300000000",
  );
});

test("error: UnknownChain, UnknownAccount, NoSuchLeaf", () => {
  expect(() => proveChain(from, 9)).toThrow(UnknownChain);
  expect(() => proveAccount(from, 9, marketB, alice)).toThrow(UnknownChain);
  expect(() => proveAccount(from, 2, vault, alice)).toThrow(NoSuchLeaf);
  expect(() => proveAccount(from, 2, marketB, `0x${"99".repeat(32)}`)).toThrow(UnknownAccount);
  // Chain 1 has no consumer, so no instrument leaves.
  expect(() => proveInstrument(from, 1, btcPerp)).toThrow(NoSuchLeaf);
  expect(() => proveWithdrawal(from, 1, bob, usdc)).toThrow(NoSuchLeaf);
});
