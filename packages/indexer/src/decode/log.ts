import type { Abi, Hex } from "viem";

/** What decoding needs of a log. */
export interface RawLog {
  readonly topics: [Hex, ...Hex[]];
  readonly data: Hex;
}

/** The events of these names out of an ABI, with their types. */
export function eventAbi<const abi extends Abi, name extends string>(
  abi: abi,
  names: readonly name[],
): Extract<abi[number], { type: "event"; name: name }>[] {
  const wanted = new Set<string>(names);
  return abi.filter(
    (item): item is Extract<abi[number], { type: "event"; name: name }> =>
      item.type === "event" && wanted.has(item.name),
  );
}

/** viem gives checksummed addresses; we keep lowercase everywhere, so that text compares as bytes do. */
export function lower<hex extends Hex>(value: hex): hex {
  return value.toLowerCase() as hex;
}
