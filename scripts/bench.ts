// Runs every packages/*/bench/*.ts in turn. Each prints one JSON object a line: bench, value, unit, and for a comparison
// baseline and ratio. `npm run bench -- gas transition` runs those whose file name is given.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "..");
const files = globSync("packages/*/bench/*.ts", { cwd: root }).sort();
const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? files : files.filter((file) => wanted.includes(basename(file, ".ts")));
if (chosen.length === 0) {
  console.error(`No such benchmark. There are: ${files.map((file) => basename(file, ".ts")).join(", ")}.`);
  process.exit(1);
}
for (const file of chosen) {
  const { status } = spawnSync(process.execPath, ["--expose-gc", file], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
