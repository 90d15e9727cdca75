import { defineConfig, mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

// One file after the other: operators that share too few cores with others' are late for each other.
export default mergeConfig(shared, defineConfig({ test: { fileParallelism: false } }));
