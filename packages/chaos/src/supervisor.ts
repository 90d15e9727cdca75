import type { System } from "@plimsoll/demo/system/system";
import { exitCodes } from "@plimsoll/relayer/errors";

/** What starts nodes again, as a service manager would: those that were killed, and those that ask for it. */
export interface Supervisor {
  /** Starts a killed node; does not wait until it serves. */
  start(operator: number): void;
  /** How many nodes ended themselves with exit code 75, to be started again. */
  restartsAsked(): number;
  /** Resolves once every node that was started serves. Rejects with what one of them failed by. */
  allServe(): Promise<void>;
  /** Resolves with the first failure that no restart cures. */
  readonly failed: Promise<Error>;
  /** From now on nothing is started any more. */
  dismiss(): void;
}

/** Watches a system's nodes and chains from now on. */
export function superviseSystem(system: System): Supervisor {
  const starting = new Map<number, Promise<unknown>>();
  let restartsAsked = 0;
  let dismissed = false;
  let failWith: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    failWith = resolve;
  });

  function start(operator: number): void {
    if (dismissed) return;
    const started = system.restart(operator);
    starting.set(operator, started);
    started.catch((error: Error) => {
      // Killed again before it served: whoever did that starts it once more.
      if (starting.get(operator) === started) failWith(error);
    });
    watch(operator);
  }
  function watch(operator: number): void {
    system.operators[operator]?.failed.then((error) => {
      if (error.exitCode !== exitCodes.restartMe) failWith(error);
      if (dismissed) return;
      restartsAsked += 1;
      start(operator);
    });
  }

  for (const operator of system.operators.keys()) watch(operator);
  system.devnet.failed.then(failWith);
  return {
    start,
    restartsAsked: () => restartsAsked,
    async allServe() {
      await Promise.all(starting.values());
    },
    failed,
    dismiss() {
      dismissed = true;
    },
  };
}
