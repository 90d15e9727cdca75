import type { Random } from "@plimsoll/protocol/simulation/random";
import type { Chain } from "./chain.ts";
import { recordTransaction } from "./contracts.ts";
import type { Faults } from "./faults.ts";
import { installTransaction } from "./operatorSets.ts";
import type { Scheduler } from "./scheduler.ts";
import { type Block, hubEid, type Message } from "./state.ts";

const lookAgainMs = 400;

/** Where a message goes, and what it does there. */
const arrivalOf = (message: Message) =>
  "set" in message
    ? ([message.to, installTransaction(message.set)] as const)
    : ([hubEid, recordTransaction(message)] as const);

/** LayerZero: messages arrive once final where they were sent; late, twice, out of order, or never. */
export function createMessenger(
  scheduler: Scheduler,
  random: Random,
  faults: Faults,
  chains: ReadonlyMap<number, Chain>,
): (message: Message, block: Block) => void {
  const deliver = (message: Message, block: Block) => {
    const source = chains.get(message.eid);
    const [to, transaction] = arrivalOf(message);
    if (source?.blocks[block.number]?.hash !== block.hash) return; // its block was taken back
    if (source.finalizedNumber() < block.number || !chains.get(to)?.mine(transaction)) {
      scheduler.after(lookAgainMs, () => deliver(message, block));
    }
  };
  return (message, block) => {
    if (faults.strikes("report-lost")) return;
    const delayMs = 200 + random.below(500) + (faults.strikes("report-late") ? random.below(6_000) : 0);
    scheduler.after(delayMs, () => deliver(message, block));
    if (faults.strikes("report-repeated"))
      scheduler.after(delayMs + random.below(4_000), () => deliver(message, block));
  };
}
