import { oneBps, oneE8 } from "@plimsoll/risk/fixed-point";
import type { Address } from "viem";
import type { ChainAddressKey, Eid } from "../ids.ts";
import type { ConsumerWeight } from "../state.ts";

/** A consumer as weights see it. */
export interface Weighable {
  readonly eid: Eid;
  readonly consumer: Address;
  readonly key: ChainAddressKey;
  readonly active: boolean;
}

/**
 * Shares an account's free capacity among consumers; weights have 8 decimals and sum up to at most 1.
 *
 * By the owner's weights if any consumer is named; one not named gets none. Else half equally, so that every consumer can be used
 * at once, and half by what is held there now; all equally while nothing is held. An inactive consumer takes part as
 * long as something is held there: without any room it could not be closed.
 *
 * @param gross Notional held at each consumer, in the order of `consumers`.
 */
export function shareWeights(
  consumers: readonly Weighable[],
  gross: readonly bigint[],
  chosen: readonly ConsumerWeight[] | undefined,
): bigint[] {
  const usable = consumers.map(({ active }, index) => active || (gross[index] ?? 0n) > 0n);
  if (chosen !== undefined) {
    const byKey = chosenByKey(chosen);
    // Only what an idle account keeps for exit was chosen: what is held is margined as if nothing had been.
    byKey.delete(atHome);
    if (byKey.size > 0) {
      return proportional(
        consumers.map(({ key }, index) => (usable[index] ? (byKey.get(key) ?? 0n) : 0n)),
        oneE8,
      );
    }
  }
  const equal = usable.map((take) => (take ? 1n : 0n));
  if (gross.every((notional) => notional === 0n)) return proportional(equal, oneE8);
  const byUse = proportional(gross, oneE8 / 2n);
  return proportional(equal, oneE8 / 2n).map((weight, index) => weight + (byUse[index] ?? 0n));
}

/**
 * Shares of what is free to sell positions with, by what is held where: E8. The owner's weights would let it starve the chain
 * whose positions have to be sold.
 */
export function liquidationWeights(gross: readonly bigint[]): bigint[] {
  return proportional(gross, oneE8);
}

/** Named among an owner's weights: the vaults. What has a weight there is kept for exit, and allotted to nobody. */
const atHome: ChainAddressKey = "0:0x0000000000000000000000000000000000000000";

/** What an idle account keeps for exit whose owner named nothing: losing the operators must not lose its money. */
const unsaidExitShareE8 = oneE8 / 2n;

/**
 * The share of an idle account's collateral that is kept for exit: E8, rounded down. Epochs cannot let the same
 * collateral be lost elsewhere and leave its vault by exit, so it is one or the other, as the owner chooses:
 *
 *     nothing named              half
 *     consumers alone            nothing
 *     the vaults alone           all; nothing where their weight is 0
 *     both                       the vaults' part of the weights
 *
 * An inactive consumer does not count as named, and where there is nowhere to trade all of it can leave.
 */
export function exitShareOf(consumers: readonly Weighable[], chosen: readonly ConsumerWeight[] | undefined): bigint {
  const byKey = chosenByKey(chosen);
  const home = byKey.get(atHome);
  byKey.delete(atHome);
  const active = consumers.filter((consumer) => consumer.active);
  if (active.length === 0) return oneE8;
  if (byKey.size === 0) {
    if (home === undefined) return unsaidExitShareE8;
    return home > 0n ? oneE8 : 0n;
  }
  const away = active.reduce((sum, { key }) => sum + (byKey.get(key) ?? 0n), 0n);
  return away === 0n ? oneE8 : ((home ?? 0n) * oneE8) / ((home ?? 0n) + away);
}

function chosenByKey(chosen: readonly ConsumerWeight[] | undefined): Map<ChainAddressKey, bigint> {
  const byKey = new Map<ChainAddressKey, bigint>();
  for (const { eid, consumer, weight } of chosen ?? []) {
    const key: ChainAddressKey = `${eid}:${consumer.toLowerCase() as Address}`;
    byKey.set(key, (byKey.get(key) ?? 0n) + BigInt(weight));
  }
  return byKey;
}

/** What is left of weights once the buffer, which is never allotted, is taken off. */
export function lessBuffer(weights: readonly bigint[], bufferBps: number): bigint[] {
  return weights.map((weight) => (weight * (oneBps - BigInt(bufferBps))) / oneBps);
}

function proportional(parts: readonly bigint[], whole: bigint): bigint[] {
  const sum = parts.reduce((total, part) => total + part, 0n);
  return parts.map((part) => (sum === 0n ? 0n : (part * whole) / sum));
}
