import { defineConfig, mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      globalSetup: ["test/support/globalSetup.ts"],
      // All files share one devnet, and an epoch that one posts would overtake another's proofs.
      fileParallelism: false,
    },
  }),
);
