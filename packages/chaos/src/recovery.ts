import { setTimeout as sleep } from "node:timers/promises";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import type { System } from "@plimsoll/demo/system/system";
import { marginParameters } from "@plimsoll/devnet/plimsoll/market-data";
import type { EpochJson } from "@plimsoll/protocol/wire";
import { claimWithdrawal } from "@plimsoll/sdk/actions/claimWithdrawal";
import { reportCollateral } from "@plimsoll/sdk/actions/reportCollateral";
import { requestWithdrawal } from "@plimsoll/sdk/actions/requestWithdrawal";
import { parseUnits } from "viem";
import { type Reported, readReported } from "./checker/ledger.ts";
import { readerOf } from "./checker/reader.ts";
import { readVaultTotals } from "./checker/vaults.ts";
import { NotRecovered } from "./errors.ts";
import { seededRandom } from "./random.ts";
import type { Supervisor } from "./supervisor.ts";
import { tradeBitcoin } from "./traffic/actions.ts";
import type { Traders } from "./traffic/traders.ts";
import { reconnect, withinPatience } from "./traffic/traffic.ts";

/** How the system came back. */
export interface Recovery {
  readonly seconds: number;
  /** Reports that had to be sent once more, as the account's owner would. */
  readonly reportedAgain: number;
}

export interface RecoveryParameters {
  readonly system: System;
  readonly supervisor: Supervisor;
  readonly traders: Traders;
  /** Told what works again, and when. */
  readonly say: (line: string) => void;
}

const deadlineMs = 120_000;
const lookEveryMs = 500;
/** A report gets so long to arrive by itself. */
const reportAgainAfterMs = 20_000;
const oneDollar = parseUnits("1", 6);

/**
 * Waits until everything works again, from nobody's help but that owners report what a reorg took away: every node
 * serves and signs, every chain has an epoch that was issued since, every deposit is known to the hub, and a trader can
 * trade, ask for a withdrawal and be paid.
 *
 * @throws {NotRecovered} naming what had not come about within two minutes.
 */
export async function awaitRecovery(
  { system, supervisor, traders, say }: RecoveryParameters,
  signal: AbortSignal,
): Promise<Recovery> {
  const startedMs = performance.now();
  const sinceSeconds = Math.floor(Date.now() / 1000);
  const elapsedMs = () => performance.now() - startedMs;
  let reportedAgain = 0;

  const until = untilDeadline(say, signal);
  /** Again and again, for refusals pass: room comes with the next epochs. */
  const untilDone = (what: string, attempt: () => Promise<unknown>) =>
    until(what, async () => {
      try {
        await withinPatience(attempt(), signal);
        return true;
      } catch (error) {
        for (const trader of [traders.maker, ...traders.takers]) await reconnect(trader);
        throw error;
      }
    });

  await supervisor.allServe();
  await until("every operator signs", () => everyOperatorSigns(system, sinceSeconds));
  await until("every chain has an epoch issued since", () => everyChainPosted(system, sinceSeconds));
  let reportsAgainAtMs = elapsedMs() + reportAgainAfterMs;
  await until("every deposit is known to the hub", async () => {
    const behind = await behindAtHub(system);
    if (behind.length > 0 && elapsedMs() > reportsAgainAtMs) {
      reportsAgainAtMs = elapsedMs() + reportAgainAfterMs;
      for (const { eid, account } of behind) {
        await reportCollateral(traders.maker.config, traders.plimsoll, { eid, account });
        reportedAgain += 1;
      }
    }
    return behind.length === 0;
  });

  const { maker, plimsoll } = traders;
  const [taker] = traders.takers;
  const [{ chain, usdc }] = traders.vaults;
  const where = { eid: chain.eid, asset: usdc };
  const random = seededRandom(0);
  await untilDone("a trade goes through", () => tradeBitcoin(traders, taker, random, random.pick(traders.markets)));
  await untilDone("a withdrawal can be asked for", () =>
    requestWithdrawal(maker.config, plimsoll, { ...where, amount: oneDollar }),
  );
  await untilDone("a withdrawal is paid", () => claimWithdrawal(maker.config, plimsoll, where));
  return { seconds: elapsedMs() / 1000, reportedAgain };
}

/**
 * Gives a wait for one thing after the other, all within two minutes from now.
 * @throws {NotRecovered}
 */
export function untilDeadline(say: (line: string) => void, signal: AbortSignal) {
  const startedMs = performance.now();
  const elapsedMs = () => performance.now() - startedMs;
  return async (what: string, look: () => Promise<boolean>): Promise<void> => {
    let cause: unknown;
    while (!signal.aborted) {
      try {
        if (await look()) return say(`  ✓ ${what} (${(elapsedMs() / 1000).toFixed(1)} s)`);
      } catch (error) {
        cause = error;
      }
      if (elapsedMs() > deadlineMs) throw new NotRecovered(what, deadlineMs / 1000, { cause });
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
    }
  };
}

async function everyOperatorSigns({ operators, devnet }: System, sinceSeconds: number): Promise<boolean> {
  const answers = await Promise.all(
    operators.map(async ({ url }) => {
      const response = await fetch(`${url}/v1/epochs?limit=20`, { signal: AbortSignal.timeout(2_000) });
      return (await response.json()) as EpochJson[];
    }),
  );
  const recent = answers.flat().filter(({ header }) => header.issuedAt >= sinceSeconds);
  const signers = new Set(recent.flatMap((epoch) => epoch.signers.map((signer) => signer.toLowerCase())));
  return devnet.accounts.operators.every(({ address }) => signers.has(address.toLowerCase()));
}

async function everyChainPosted({ devnet }: System, sinceSeconds: number): Promise<boolean> {
  const posted = await Promise.all(
    devnet.deployment.chains.map(async (chain) => {
      const { client } = await readerOf(chain);
      const attestations = { address: chain.contracts.attestations, abi: solvencyAttestationsAbi } as const;
      const [, , expiresAt] = await client.readContract({ ...attestations, functionName: "newest" });
      return Number(expiresAt) - marginParameters.attestationLifetimeSeconds >= sinceSeconds;
    }),
  );
  return posted.every((fresh) => fresh);
}

/** Accounts of which a vault has more than the hub. */
async function behindAtHub({ devnet }: System): Promise<(Reported & { readonly eid: number })[]> {
  const { chains } = devnet.deployment;
  const readers = await Promise.all(chains.map(readerOf));
  const hub = readers.find(({ chain }) => chain.hub);
  if (hub === undefined) return [];
  const reported = await Promise.all(
    readers.map(async (reader) => {
      const { eid } = reader.chain;
      return (await readReported(hub, eid, await readVaultTotals(reader))).map((one) => ({ ...one, eid }));
    }),
  );
  return reported.flat().filter(({ deposited, reportedDeposited }) => deposited > reportedDeposited);
}
