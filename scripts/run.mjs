// Entry of every npm script. Needs nothing but Node 20 and npm: installs what the workspace needs, once, and then runs
// the task on the Node that the workspace pins.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const bin = join(root, "node_modules/.bin");
const pnpm = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devEngines.packageManager.version;
const solidity = ["packages/contracts/src", "packages/contracts/test"];
/** Packages whose tests wait for no clock: two at a time, for a compiler or a simulation alone keeps one core busy. */
const calculating = ["contracts", "protocol", "risk"];
const logs = ["--output-logs=new-only", "--log-order=stream"];

const tasks = {
  start: { help: "run the devnet, three operators and the story", run: start },
  test: { help: "run every test, forge and vitest; name packages to run only theirs", run: test },
  bench: { help: "run the benchmarks; name some to run only those", run: bench },
  simulate: { help: "run operators, chains and faults in one process, from seeds; --help for more", run: simulate },
  chaos: { help: "kill, stop and lie to real chains and operators while people trade; --help for more", run: chaos },
  crash: { help: "the crash of 10 October 2025 on accounts at different leverage; --help for more", run: crash },
  coverage: { help: "what the tests of the contracts cover; fails below 95 % of lines or branches", run: coverage },
  check: { help: "lint, format check, type check, dead exports", run: check },
  format: { help: "format and fix what can be fixed", run: format },
};

const [name, ...args] = process.argv.slice(2);
const task = tasks[name];
if (!task) {
  console.error(
    `Usage: npm run <task>\n${Object.entries(tasks)
      .map(([key, { help }]) => `  ${key.padEnd(8)} ${help}`)
      .join("\n")}`,
  );
  process.exit(1);
}
if (Number(process.versions.node.split(".")[0]) < 20)
  fail(`Node ${process.versions.node} is too old: install Node 20 or newer.`);

// A signal meant for us is meant for the child; it decides how to end, and we wait for it.
let child;
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    stopping = true;
    child?.kill(signal);
  });
}

await install();
await task.run();

async function start() {
  await build();
  await run("node", ["packages/demo/src/main.ts", ...args]);
}

async function test() {
  const packages = args.length > 0 ? args : readdirSync(join(root, "packages"));
  const codes = [
    await testPackages(
      packages.filter((each) => calculating.includes(each)),
      2,
    ),
    await testPackages(
      packages.filter((each) => !calculating.includes(each)),
      1,
    ),
  ];
  process.exit(Math.max(...codes));
}

/** @returns the exit code. */
async function testPackages(packages, atOnce) {
  if (packages.length === 0) return 0;
  const filters = packages.map((each) => `--filter=@plimsoll/${each}`);
  // They start some hundreds of processes that load the same modules.
  process.env.NODE_COMPILE_CACHE = join(root, "node_modules/.cache/node-compile");
  return spawned("turbo", ["run", "test", `--concurrency=${atOnce}`, "--continue", ...logs, ...filters]);
}

async function bench() {
  await build();
  await run("node", ["scripts/bench.ts", ...args]);
}

async function simulate() {
  await build();
  await run("node", ["packages/relayer/simulation/main.ts", ...args]);
}

async function chaos() {
  await build();
  await run("node", ["packages/chaos/src/main.ts", ...args]);
}

async function crash() {
  await build();
  await run("node", ["packages/crash/src/main.ts", ...args]);
}

/** Not turbo's build: forge makes good what its lint has left of the artifacts, which a test reads. */
async function coverage() {
  await run("pnpm", ["--filter=@plimsoll/contracts", "run", "coverage"]);
}

async function check() {
  await build();
  await run("biome", ["ci", "--colors=off", "."]);
  await run("tsc", ["-p", "."]);
  await run("knip", []);
  await run("node", ["packages/contracts/forge.mjs", "fmt", "--check", ...solidity]);
  await lintSolidity();
  await run("solhint", [
    "-c",
    "packages/contracts/.solhint.json",
    "--disc",
    "--max-warnings",
    "0",
    `${solidity[0]}/**/*.sol`,
  ]);
}

/** forge says that it aborts, and exits with 0 all the same: what it says counts. */
async function lintSolidity() {
  let said = "";
  const lint = ["packages/contracts/forge.mjs", "lint", "--deny", "notes", "packages/contracts/src"];
  const code = await spawned("node", lint, (text) => {
    said += text;
    process.stderr.write(text);
  });
  if (code !== 0 || said.includes("aborting due to")) process.exit(code || 1);
}

async function format() {
  await run("biome", ["check", "--write", "."]);
  await run("node", ["packages/contracts/forge.mjs", "fmt", ...solidity]);
}

/** Contracts compiled, typed ABIs generated; turbo skips it when nothing changed. */
async function build() {
  await run("turbo", ["run", "build", ...logs]);
}

/** Installs when the lockfile is not the one last installed. */
async function install() {
  const marker = join(root, "node_modules/.plimsoll-installed");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === lock) return;
  heading("install");
  await run("npx", ["-y", `pnpm@${pnpm}`, "install", "--frozen-lockfile"]);
  writeFileSync(marker, lock);
}

/** Runs a command to its end; a failure ends us with its exit code. */
async function run(command, commandArgs) {
  const code = await spawned(command, commandArgs);
  if (code !== 0) process.exit(code);
}

/**
 * @param hearErrors gets what is written to stderr; without it that goes where ours goes.
 * @returns the exit code; 128 + n after signal n, as shells have it.
 */
function spawned(command, commandArgs, hearErrors) {
  if (stopping) process.exit(130);
  const path = [bin, join(root, "packages/contracts/node_modules/.bin"), process.env.PATH].join(delimiter);
  return new Promise((resolve) => {
    child = spawn(command, commandArgs, {
      cwd: root,
      stdio: ["inherit", "inherit", hearErrors ? "pipe" : "inherit"],
      env: { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: "1", FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" },
    });
    child.stderr?.setEncoding("utf8").on("data", hearErrors);
    child.on("error", (error) =>
      fail(`Could not run ${command}: ${error.message}. Delete node_modules and try again.`),
    );
    child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function heading(text) {
  console.log(`\n== ${text}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
