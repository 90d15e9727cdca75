/** What this thread has worked so far, in milliseconds: unlike a clock's it is not the longer for what other processes do. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
