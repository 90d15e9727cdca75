import { inSlicesMs } from "../slices.ts";

/**
 * What this thread has worked so far, in milliseconds: unlike a clock's it is not the longer for what other processes do.
 * Without computations in slices, which run while requests wait and are none of theirs.
 */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000 - inSlicesMs();
}
