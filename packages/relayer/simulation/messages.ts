import type { Random } from "@plimsoll/protocol/simulation/random";
import type { Chain } from "./chain.ts";
import { recordTransaction } from "./contracts.ts";
import type { Faults } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import { type Block, hubEid, type Report } from "./state.ts";

const lookAgainMs = 400;

/** LayerZero: reports reach the hub once final where they were sent; late, twice, out of order, or never. */
export function createMessenger(
  scheduler: Scheduler,
  random: Random,
  faults: Faults,
  chains: ReadonlyMap<number, Chain>,
): (report: Report, block: Block) => void {
  const deliver = (report: Report, block: Block) => {
    const source = chains.get(report.eid);
    if (source?.blocks[block.number]?.hash !== block.hash) return; // its block was taken back
    if (source.finalizedNumber() < block.number || !chains.get(hubEid)?.mine(recordTransaction(report))) {
      scheduler.after(lookAgainMs, () => deliver(report, block));
    }
  };
  return (report, block) => {
    if (faults.strikes("report-lost")) return;
    const delayMs = 200 + random.below(500) + (faults.strikes("report-late") ? random.below(6_000) : 0);
    scheduler.after(delayMs, () => deliver(report, block));
    if (faults.strikes("report-repeated")) scheduler.after(delayMs + random.below(4_000), () => deliver(report, block));
  };
}
