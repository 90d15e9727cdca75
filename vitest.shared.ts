import { defineConfig } from "vitest/config";

// What every package's tests have in common. Many of them wait for real chains and processes, on a machine that may be
// busy. They end once what they wait for has come; the limits are for what never comes. A worker for every core: unless
// told, vitest leaves one idle, which is half of a machine that has two.
export default defineConfig({
  test: { testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: "100%", expect: { poll: { timeout: 60_000 } } },
});
