import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/**
 * Ends anvils whose parent died without being able to (kill -9, out of memory). A process of its own, because only
 * another process survives that; it notices by its standard input closing.
 *
 * @param pids What to end.
 * @returns Call it after an orderly stop: the guardian then goes without touching anything.
 * @example
 * const dismiss = startGuardian([anvilPid]);
 */
export function startGuardian(pids: readonly number[]): () => void {
  const child = spawn(process.execPath, [import.meta.filename, ...pids.map(String)], {
    stdio: ["pipe", "ignore", "ignore"],
    // Ctrl-C reaches the whole foreground group; the guardian has to outlive the parent.
    detached: true,
  });
  // It may be gone already when it is dismissed.
  child.stdin.on("error", () => {});
  child.on("error", () => {});
  child.unref();
  return () => {
    child.stdin.end(dismissal);
  };
}

const dismissal = "dismissed";

async function guard(pids: readonly number[]): Promise<void> {
  if ((await text(process.stdin)) === dismissal) return;
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
}

if (process.argv[1] === import.meta.filename) await guard(process.argv.slice(2).map(Number));
