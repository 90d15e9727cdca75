import { ContractRefused, InstrumentReduceOnly, NoBackstop } from "@plimsoll/sdk/errors/contract";
import { isProblem } from "@plimsoll/sdk/errors/node";
import type { Liquidation } from "@plimsoll/sdk/node/liquidationSchema";
import type { Effects, Place, Spent } from "./effects.ts";
import { whole } from "./fraction.ts";
import { refusalOf } from "./refusal.ts";

/** What was done about an insolvent account's book; `left`: nobody can take any of it. */
export type Resolution =
  | (Spent & { readonly by: "backstop"; readonly fraction: bigint; readonly loss: bigint })
  | (Spent & { readonly by: "deleveraging"; readonly fraction: bigint; readonly closed: number })
  | { readonly by: "left" };

/** What the backstop cannot take a sixteenth of is closed against others. */
const fractions = [1n, 2n, 4n, 8n, 16n].map((part) => whole / part);

/**
 * Has the backstop take as much of an insolvent account's book as it can; what it has no room for is closed against those
 * on the other side. Each pays nothing to whoever calls. Rejects with what else stands in the way.
 */
export async function resolveInsolvent(
  { gross }: Liquidation,
  place: Place,
  effects: Pick<Effects, "takeOver" | "deleverage">,
): Promise<Resolution> {
  const taken = await firstThatPasses(
    (fraction) => effects.takeOver(place, fraction),
    (error) => error instanceof NoBackstop,
  );
  if (taken !== null) return { by: "backstop", ...taken };
  if (gross === 0n) return { by: "left" };
  const closed = await firstThatPasses(
    (fraction) => effects.deleverage(place, fraction),
    (error) => isProblem(error, "no-queue"),
  );
  return closed === null ? { by: "left" } : { by: "deleveraging", ...closed };
}

/** The largest of the fractions that is not too much; null if all are, or if there is nobody to take any. */
async function firstThatPasses<Done>(
  act: (fraction: bigint) => Promise<Done>,
  isNobody: (error: unknown) => boolean,
): Promise<(Done & { readonly fraction: bigint }) | null> {
  for (const fraction of fractions) {
    try {
      return { ...(await act(fraction)), fraction };
    } catch (error) {
      if (isNobody(error)) return null;
      if (!isTooMuch(error)) throw error;
    }
  }
  return null;
}

/** Also where a position may not grow in the backstop's hands, or more of a queue would have to be proven. */
function isTooMuch(error: unknown): boolean {
  if (refusalOf(error) === "too-much" || error instanceof InstrumentReduceOnly) return true;
  return error instanceof ContractRefused && ["TooManyPositions", "MissingAccount"].includes(error.errorName ?? "");
}
