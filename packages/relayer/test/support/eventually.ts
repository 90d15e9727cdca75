import { setTimeout as sleep } from "node:timers/promises";

class DeadlinePassed extends Error {}

/** Asks until there is an answer that is neither null nor false; fails after the deadline. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | false>,
  deadlineMs = 120_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    await sleep(50);
  }
  throw new DeadlinePassed(`not within ${deadlineMs} ms: ${what}`);
}
