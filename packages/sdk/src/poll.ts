import { isTransient } from "./errors/node.ts";
import { WaitTimedOut } from "./errors/waiting.ts";

export interface PollParameters<value> {
  /** One look; null when it is not there yet. */
  readonly look: () => Promise<value | null>;
  /** What is awaited, for the error. */
  readonly what: string;
  readonly timeoutMilliseconds: number;
  readonly intervalMilliseconds: number;
}

/**
 * Looks again and again until there is something to see. Nodes that are down or not ready are waited for.
 * @throws {WaitTimedOut} caused by the last look's error, if it failed
 */
export async function poll<value>(parameters: PollParameters<value>): Promise<value> {
  const { look, what, timeoutMilliseconds, intervalMilliseconds } = parameters;
  const deadline = Date.now() + timeoutMilliseconds;
  while (true) {
    let cause: unknown;
    try {
      const seen = await look();
      if (seen !== null) return seen;
    } catch (error) {
      if (!isTransient(error)) throw error;
      cause = error;
    }
    const left = deadline - Date.now();
    if (left <= 0) throw new WaitTimedOut(what, timeoutMilliseconds, { cause });
    await pause(Math.min(intervalMilliseconds, left));
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
