import type { Address, Hex } from "viem";

/**
 * How many operators come before `me` to do something: whose turn it is first follows from what it is about, so that gas is
 * spent once, and everybody's share of it is the same.
 *
 * @param operators All of them, this one among them; in any order.
 */
export function operatorsBefore(me: Address, operators: readonly Address[], about: Hex): number {
  const sorted = [...operators].sort();
  const first = Number(BigInt(about) % BigInt(sorted.length));
  return (sorted.indexOf(me) - first + sorted.length) % sorted.length;
}
