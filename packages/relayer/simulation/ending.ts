import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM"] as const;

/** A run that Ctrl-C, or a supervisor, may end early: it then tells what it has so far. */
export interface EarlyEnd {
  readonly signal: AbortSignal;
  /** What ended it, and the exit code that shells know it by; null until then. */
  by(): { readonly signal: NodeJS.Signals; readonly exitCode: number } | null;
  /** From now on signals end the process, as usual. */
  forget(): void;
}

/**
 * Waits for SIGINT and SIGTERM instead of ending the process. More of them change nothing: a terminal sends Ctrl-C to every
 * process of a job, and npm hands it on once more.
 */
export function endedEarly(): EarlyEnd {
  const ending = new AbortController();
  let first: NodeJS.Signals | null = null;
  const end = (signal: NodeJS.Signals) => {
    first ??= signal;
    ending.abort();
  };
  for (const signal of signals) process.on(signal, end);
  return {
    signal: ending.signal,
    by: () => first && { signal: first, exitCode: 128 + constants.signals[first] },
    forget() {
      for (const signal of signals) process.off(signal, end);
    },
  };
}
