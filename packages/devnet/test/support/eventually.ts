import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is neither undefined nor false; fails after the deadline. */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false> | Answer | undefined | false,
  deadlineMs = 120_000,
): Promise<Answer> {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(25);
  }
  throw new DeadlinePassed(what);
}

class DeadlinePassed extends Error {}
