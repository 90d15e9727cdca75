import type { FeedVolatility } from "@plimsoll/protocol/state";
import { customType, integer, text } from "drizzle-orm/sqlite-core";
import type { Address, Hex } from "viem";

/** Still in force: what `untilBlock` holds until something supersedes the row. Larger than any block number. */
export const stillInForce = Number.MAX_SAFE_INTEGER;

/** Integers beyond 2^53 are kept as decimal text: SQLite's own integers stop at 64 bits. */
export const bigintText = customType<{ data: bigint; driverData: string }>({
  dataType: () => "text",
  toDriver: (value) => value.toString(),
  fromDriver: (value) => BigInt(value),
});

/** Five integers, the large ones as decimal text. */
export const volatilityText = customType<{ data: FeedVolatility; driverData: string }>({
  dataType: () => "text",
  toDriver: ({ sampledPriceE8, sampledAtSeconds, excursionE8, fastVarianceE16, slowVarianceE16 }) =>
    [sampledPriceE8, sampledAtSeconds, excursionE8, fastVarianceE16, slowVarianceE16].join(" "),
  fromDriver: (text) => {
    const [price = 0n, at = 0n, excursionE8 = 0n, fast = 0n, slow = 0n] = text.split(" ").map(BigInt);
    const sample = { sampledPriceE8: price, sampledAtSeconds: Number(at), excursionE8 };
    return { ...sample, fastVarianceE16: fast, slowVarianceE16: slow };
  },
});

/** Lowercase hex. */
export const hexText = (name: string) => text(name).$type<Hex>();

/** Lowercase. */
export const addressText = (name: string) => text(name).$type<Address>();

/**
 * A row says what held from the end of `fromBlock` to before the end of `untilBlock`: the state at block b is every row with
 * `fromBlock <= b < untilBlock`. So history is kept, the newest state is found by index, and a reorg is undone by
 * deleting what began above the fork and reopening what ended above it.
 */
export const validity = () => ({
  fromBlock: integer("from_block").notNull(),
  untilBlock: integer("until_block").notNull(),
});
