import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { AttestationJson } from "@plimsoll/protocol/wire";
import { createPublicClient, createTestClient, createWalletClient, type Hex, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { inject } from "vitest";
import { attestationSchema } from "../../src/node/headerSchema.ts";
import { poll } from "../../src/poll.ts";
import type { devnetChain } from "./traders.ts";

type Chain = ReturnType<typeof devnetChain>;

/** Posts an attestation as a relayer does, with a key that no trader uses, and waits for its block. */
export async function postAsRelayer(chain: Chain, attestation: AttestationJson): Promise<void> {
  const client = createPublicClient({ transport: http(chain.rpcUrl), pollingInterval: 100 });
  await client.waitForTransactionReceipt({ hash: await sendAsRelayer(chain, attestation) });
}

/**
 * Posts an attestation in the block of the transaction that another sends next, and in front of it: it is sent later
 * and pays more. The chain makes no block until then. Returns at once; `done` when the block is made.
 */
export async function postInFrontOfNext(
  chain: Chain,
  attestation: AttestationJson,
): Promise<{ done: Promise<unknown> }> {
  const anvil = createTestClient({ mode: "anvil", transport: http(chain.rpcUrl) });
  await anvil.setIntervalMining({ interval: 0 });
  const done = poll({
    what: "a transaction to wait for a block",
    timeoutMilliseconds: 60_000,
    intervalMilliseconds: 20,
    look: async () => ((await anvil.getTxpoolStatus()).pending === 1 ? true : null),
  })
    .then(() => sendAsRelayer(chain, attestation, { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n }))
    .finally(async () => {
      await anvil.mine({ blocks: 1 });
      await anvil.setIntervalMining({ interval: 1 });
    });
  return { done };
}

/**
 * Has an attestation in the pool, in the block of the transaction that another sends next, and behind it: it pays less.
 * Whoever estimates gas meanwhile does so as if it were posted. The chain makes no block until then.
 */
export async function postBehindNext(chain: Chain, attestation: AttestationJson): Promise<{ done: Promise<unknown> }> {
  const anvil = createTestClient({ mode: "anvil", transport: http(chain.rpcUrl) });
  await anvil.setIntervalMining({ interval: 0 });
  await sendAsRelayer(chain, attestation, { maxPriorityFeePerGas: 1n });
  const done = poll({
    what: "a transaction to go before the post",
    timeoutMilliseconds: 60_000,
    intervalMilliseconds: 20,
    look: async () => ((await anvil.getTxpoolStatus()).pending === 2 ? true : null),
  }).finally(async () => {
    await anvil.mine({ blocks: 1 });
    await anvil.setIntervalMining({ interval: 1 });
  });
  return { done };
}

/** Sends an attestation as a relayer does, and does not wait. */
export function sendAsRelayer(
  chain: Chain,
  attestation: AttestationJson,
  fees: { maxFeePerGas?: bigint; maxPriorityFeePerGas?: bigint } = {},
): Promise<Hex> {
  const account = privateKeyToAccount(inject("keys").maker);
  return createWalletClient({ account, transport: http(chain.rpcUrl) }).writeContract({
    ...fees,
    chain: null,
    abi: solvencyAttestationsAbi,
    address: chain.contracts.attestations,
    functionName: "post",
    args: [attestationSchema.parse(attestation)],
  });
}
