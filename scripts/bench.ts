// Runs every packages/*/bench/*.ts in turn. Each prints one JSON object a line: bench, value, unit, and for a comparison
// baseline and ratio. `npm run bench -- gas transition` runs those whose file name or package is given.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { basename, join, sep } from "node:path";

const root = join(import.meta.dirname, "..");
const files = globSync("packages/*/bench/*.ts", { cwd: root }).sort();
const wanted = process.argv.slice(2);
const namesOf = (file: string) => [basename(file, ".ts"), file.split(sep)[1] ?? ""];
const chosen =
  wanted.length === 0 ? files : files.filter((file) => namesOf(file).some((name) => wanted.includes(name)));
if (chosen.length === 0) {
  console.error(`No such benchmark. There are: ${[...new Set(files.flatMap(namesOf))].join(", ")}.`);
  process.exit(1);
}
for (const file of chosen) {
  const { status } = spawnSync(process.execPath, ["--expose-gc", file], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
