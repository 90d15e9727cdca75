import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import type { Trader } from "@plimsoll/demo/story/cast";
import type { System } from "@plimsoll/demo/system/system";
import type { ConnectedChain } from "@plimsoll/devnet/layerzero/network";
import { marginParameters } from "@plimsoll/devnet/plimsoll/market-data";
import { claimExit } from "@plimsoll/sdk/actions/claimExit";
import { requestWithdrawal } from "@plimsoll/sdk/actions/requestWithdrawal";
import { postedEpoch } from "@plimsoll/sdk/chain/postedEpoch";
import { vaultTotals } from "@plimsoll/sdk/chain/vaultTotals";
import type { DeployedChain } from "@plimsoll/sdk/deployment";
import { ExitNotOpen } from "@plimsoll/sdk/errors/contract";
import { fetchWithdrawalProof } from "@plimsoll/sdk/node/fetchWithdrawalProof";
import type { Address } from "viem";
import { readContract } from "viem/actions";
import { NotRecovered } from "./errors.ts";
import { seededRandom } from "./random.ts";
import { count, tradeBitcoin } from "./traffic/actions.ts";
import { keepForExit, type Traders, type Vault } from "./traffic/traders.ts";
import { reconnect, withinPatience } from "./traffic/traffic.ts";

/** What became of it when the operators were gone. */
export interface Exits {
  /** Claims that paid. */
  readonly paid: number;
  /** Trades that went through between the operators' end and the expiry of what they had signed. */
  readonly tradesBefore: number;
}

export interface ExitsParameters {
  readonly system: System;
  readonly traders: Traders;
  readonly say: (line: string) => void;
  /** Tries until it is so, or gives up. */
  readonly until: (what: string, look: () => Promise<boolean>) => Promise<void>;
}

const slackSeconds = 60;
const tradesAMarket = 4;

/**
 * The operators' end, and the way out without them, by somebody who wants both: under the last epoch the leaver holds
 * nothing, so a part of its collateral may leave by exit; before that epoch expires it trades under its allotments as much
 * as they give. Then all that was attested has been expired for the exit delay, and everybody asks for everything, each
 * claim twice in the same moment. Whether somebody left with what was lost is for the checker to find.
 *
 * @throws {NotRecovered} when no exit pays, or one does before it is open.
 */
export async function leaveWithoutOperators({ system, traders, say, until }: ExitsParameters): Promise<Exits> {
  const { plimsoll, vaults, leaver, markets } = traders;
  await until("the leaver's choice is on the hub", () => tried(leaver, () => keepForExit(traders, leaver, 2)));
  await until("an exit is in every vault's posted epoch", async () => {
    const ready = await Promise.all(vaults.map((vault) => canLeave(traders, vault)));
    return ready.every((one) => one);
  });
  // One is left, which signs nothing alone, and gives proofs.
  const [first, second] = system.operators;
  await Promise.all([first?.kill(), second?.kill()]);
  say("  two of three operators are gone for good");

  const random = seededRandom(1);
  let tradesBefore = 0;
  for (const market of markets) {
    for (let trade = 0; trade < tradesAMarket; trade++) {
      const traded = await tried(leaver, () => tradeBitcoin(traders, leaver, random, market));
      if (traded) tradesBefore += 1;
    }
  }
  const [{ chain, ether }] = vaults;
  // Again and again: of the one node that is left it may take a while to answer.
  await until("an exit is refused before it is open", async () => {
    const early = await claimExit(leaver.config, plimsoll, { eid: chain.eid, asset: ether }).catch((error) => error);
    if (early instanceof ExitNotOpen) return true;
    throw early instanceof Error ? early : new NotRecovered("an exit is refused before it is open", 0);
  });

  for (const { chain } of vaults) await passExitDelay(chainOf(system, chain.eid), chain.contracts.vault ?? "0x");
  let paid = 0;
  const everybody = [leaver, ...traders.takers];
  for (const { chain, usdc, ether } of vaults) {
    for (const asset of [usdc, ether]) {
      const where = { eid: chain.eid, asset };
      for (const me of everybody) {
        const amount = await heldBy(me, chain, asset);
        if (amount === 0n) continue;
        await tried(me, () => requestWithdrawal(me.config, plimsoll, { ...where, amount }));
        await tried(me, async () => {
          paid += await count([1, 2].map(() => claimExit(me.config, plimsoll, where)));
        });
      }
    }
  }
  if (paid === 0) throw new NotRecovered("an exit is paid", 0);
  say(`  ✓ ${paid} exits are paid, after ${tradesBefore} trades under what was signed last`);
  return { paid, tradesBefore };
}

/** Whether the epoch that the vault's chain has lets something of the leaver's leave. */
async function canLeave({ plimsoll, leaver }: Traders, { chain, ether }: Vault): Promise<boolean> {
  const { account, config } = leaver;
  const client = config.getClient({ chainId: chain.chainId });
  const epoch = await postedEpoch(client, chain);
  const proof = await fetchWithdrawalProof(plimsoll, { eid: chain.eid, account, asset: ether, epoch });
  const totals = await vaultTotals(client, { vault: chain.contracts.vault ?? "0x", account, asset: ether });
  return (proof?.leaf.exitTotal ?? 0n) > totals.withdrawnTotal;
}

async function heldBy(me: Trader, { chainId, contracts }: DeployedChain, asset: Address): Promise<bigint> {
  const contract = { address: contracts.vault ?? "0x", abi: collateralVaultAbi } as const;
  const totals = { ...contract, functionName: "totals", args: [me.account, asset] } as const;
  const [deposited, withdrawn] = await readContract(me.config.getClient({ chainId }), totals);
  return deposited - withdrawn;
}

async function passExitDelay({ client }: ConnectedChain, vault: Address): Promise<void> {
  const contract = { address: vault, abi: collateralVaultAbi } as const;
  const delay = Number(await client.readContract({ ...contract, functionName: "exitDelaySeconds" }));
  await client.increaseTime({ seconds: marginParameters.attestationLifetimeSeconds + delay + slackSeconds });
  await client.mine({ blocks: 1 });
}

function chainOf({ devnet }: System, eid: number): ConnectedChain {
  const chain = devnet.chains.find((one) => one.eid === eid);
  if (chain === undefined) throw new RangeError(`no chain ${eid}`);
  return chain;
}

/** Whether it went through, of things that may well be refused. */
async function tried(me: Trader, attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await withinPatience(attempt(), new AbortController().signal);
    return true;
  } catch {
    await reconnect(me);
    return false;
  }
}
