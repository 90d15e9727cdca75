import { defineConfig } from "vitest/config";

// Real chains and child processes on a machine that may be busy: a test that waits, waits with a deadline of its own.
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000 } });
