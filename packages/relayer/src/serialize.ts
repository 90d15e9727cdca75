/** Runs tasks one after another, in the order in which they were handed in; one task's failure is its caller's alone. */
export type Serialize = <T>(task: () => Promise<T>) => Promise<T>;

export function createSerialize(): Serialize {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
