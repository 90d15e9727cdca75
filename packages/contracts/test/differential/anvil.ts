import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A chain of this process alone, on a port that was free. */
export interface Anvil {
  readonly rpcUrl: string;
  stop(): Promise<void>;
}

class AnvilDidNotStart extends Error {
  override readonly name = "AnvilDidNotStart";
  readonly code = "anvil-did-not-start";
  readonly hint = "Run pnpm install: its build scripts fetch the binary.";
}

const require = createRequire(import.meta.url);

/** The binary itself: the package's wrapper would be one more process to end. */
function binary(): string {
  const wrapper = require.resolve("@foundry-rs/anvil/package.json");
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const platform = `@foundry-rs/anvil-${process.platform}-${arch}/package.json`;
  return join(createRequire(wrapper).resolve(platform), "../bin", process.platform === "win32" ? "anvil.exe" : "anvil");
}

async function listening(child: ChildProcess): Promise<string> {
  if (child.stdout) {
    for await (const line of createInterface(child.stdout)) {
      const address = /Listening on (\S+)/.exec(line)?.[1];
      if (address !== undefined) return address;
    }
  }
  throw new AnvilDidNotStart("anvil ended before it listened");
}

/**
 * Starts an anvil that takes calls and contracts of any size.
 * @throws {AnvilDidNotStart}
 */
export async function startAnvil(): Promise<Anvil> {
  const unlimited = ["--gas-limit", "1000000000000", "--no-request-size-limit", "--disable-code-size-limit"];
  const child = spawn(binary(), ["--port", "0", "--hardfork", "prague", ...unlimited], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const address = await listening(child);
  child.stdout?.resume();
  return {
    rpcUrl: `http://${address}`,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
