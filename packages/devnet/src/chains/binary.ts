import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AnvilMissing } from "../errors.ts";

const require = createRequire(import.meta.url);
const architectures: Partial<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/**
 * Path of the anvil binary that the package `@foundry-rs/anvil` brought: not whatever is on the PATH, which may be of
 * another version, and not its Node wrapper, which would be one more process to end.
 *
 * @throws {AnvilMissing}
 * @example
 * const binary = anvilBinary();
 */
export function anvilBinary({ platform, arch }: Machine = process): string {
  const name = `@foundry-rs/anvil-${platform}-${architectures[arch] ?? arch}`;
  let folder: string;
  try {
    const wrapper = require.resolve("@foundry-rs/anvil/package.json");
    folder = dirname(createRequire(wrapper).resolve(`${name}/package.json`));
  } catch (cause) {
    throw new AnvilMissing(name, { cause });
  }
  const binary = join(folder, "bin", platform === "win32" ? "anvil.exe" : "anvil");
  if (!existsSync(binary)) throw new AnvilMissing(name);
  return binary;
}
