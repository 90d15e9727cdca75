#!/usr/bin/env node
// Runs forge, and ends as it ends. The launcher in its npm package ends with 0 whatever happened, so that a test that
// fails would pass.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { arch, constants, platform } from "node:os";

const launcher = createRequire(import.meta.url).resolve("@foundry-rs/forge/package.json");
const target = `${platform()}-${arch() === "x64" ? "amd64" : arch()}`;
const binary = createRequire(launcher).resolve(
  `@foundry-rs/forge-${target}/bin/forge${platform() === "win32" ? ".exe" : ""}`,
);
const child = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
