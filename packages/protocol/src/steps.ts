/** A computation that stops between its steps, so that whoever runs it may do something else before it goes on. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Runs a computation to its end without a break. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
