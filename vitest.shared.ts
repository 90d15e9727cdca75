import { configDefaults, defineConfig, mergeConfig } from "vitest/config";

// What every package's tests have in common. Many of them wait for real chains and processes, on a machine that may be
// busy. They end once what they wait for has come; the limits are for what never comes. A worker for every core: unless
// told, vitest leaves one idle, which is half of a machine that has two.
const shared = defineConfig({
  test: { testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: "100%", expect: { poll: { timeout: 60_000 } } },
});
export default shared;

/** For a package of pure functions: nothing that one file does is left for the next, which need not load all of it anew. */
export const calculating = mergeConfig(shared, defineConfig({ test: { isolate: false } }));

/**
 * For a package some of whose tests start whole systems: all others side by side, and then those, one file after the
 * other. Operators that share too few cores with others' are late for each other.
 *
 * @param systems patterns of such files.
 */
export function systemsAlone(...systems: string[]) {
  const exclude = [...configDefaults.exclude, ...systems];
  return mergeConfig(
    shared,
    defineConfig({
      test: {
        projects: [
          { extends: true, test: { name: "parts", exclude } },
          { extends: true, test: { name: "systems", include: systems, fileParallelism: false } },
        ],
      },
    }),
  );
}
