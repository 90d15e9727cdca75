import { makeAccountId, type nameToId } from "@plimsoll/protocol/account";
import type { AccountId } from "@plimsoll/protocol/ids";
import { signOrder } from "../../src/actions/signOrder.ts";
import { tradeBatch } from "../../src/actions/tradeBatch.ts";
import { parseUsd } from "../../src/units/parseUsd.ts";
import { accountLeaf, perpetualLeaf, type StandInOperators } from "./standInOperators.ts";
import type { devnetChain, Traders } from "./traders.ts";

/** A long of alice's against shorts of bob's: in sub-accounts that no test before used. */
export interface Book {
  readonly long: AccountId;
  readonly shorts: readonly AccountId[];
}

export interface BookOptions {
  readonly operators: StandInOperators;
  readonly traders: Traders;
  readonly chain: ReturnType<typeof devnetChain>;
  readonly instrument: ReturnType<typeof nameToId>;
  readonly mark: bigint;
  readonly shocksBps: readonly bigint[];
  /** Of the sub-accounts: the first one's. */
  readonly number: bigint;
  /** Units that each of bob's accounts is short; alice's is long the sum. */
  readonly sizes: readonly bigint[];
}

/** Opens it under an epoch that allows everybody a lot. */
export async function openBook(options: BookOptions): Promise<Book> {
  const { operators, traders, chain, instrument, mark, shocksBps, number, sizes } = options;
  const { config, plimsoll, alice, bob } = traders;
  const [[owner = "0x"], [other = "0x"]] = [await alice.getAccounts(), await bob.getAccounts()];
  const long = makeAccountId(owner, number).toLowerCase() as AccountId;
  const shorts = sizes.map((_, i) => makeAccountId(other, number + BigInt(i)).toLowerCase() as AccountId);
  const allowed = {
    lossE8: parseUsd("1000000"),
    grossLimitE8: parseUsd("10000000"),
    scenarios: shocksBps.length,
  };
  await operators.attest({
    instruments: [perpetualLeaf(instrument, mark, shocksBps)],
    accounts: [long, ...shorts].map((account) =>
      accountLeaf({ eid: chain.eid, consumer: chain.market, account }, allowed),
    ),
  });
  const order = { eid: chain.eid, instrument, limitPrice: mark };
  const total = sizes.reduce((sum, size) => sum + size, 0n);
  const taker = await signOrder(config, plimsoll, { ...order, size: total, account: long, connector: alice });
  const fills = await Promise.all(
    sizes.map(async (size, i) => {
      const account = shorts[i];
      const maker = await signOrder(config, plimsoll, { ...order, size: -size, account, connector: bob });
      return { maker, taker, size };
    }),
  );
  await tradeBatch(config, plimsoll, { fills });
  return { long, shorts };
}
