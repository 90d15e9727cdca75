import { setTimeout as sleep } from "node:timers/promises";
import { isTransient } from "@plimsoll/sdk/errors/node";

const patienceMs = 120_000;

/**
 * Asks nodes again while none of them answers: on a machine that much else runs on a run of many minutes is not to end for
 * a few seconds without an answer.
 *
 * @example
 * const books = await untilAnswered(() => getLiquidations(plimsoll));
 */
export async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransient(error) || performance.now() > deadlineMs) throw error;
      await sleep(1_000);
    }
  }
}
