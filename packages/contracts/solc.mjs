#!/usr/bin/env node
// forge downloads solc unless it is told of an executable. This is one, around the npm package `solc`.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const solc = createRequire(import.meta.url)("solc");
if (process.argv.includes("--version")) {
  const [version, commit] = solc.version().split("+");
  console.log(
    `solc, the solidity compiler commandline interface\nVersion: ${version}+${commit.replace("Emscripten.clang", "Linux.g++")}`,
  );
} else {
  process.stdout.write(solc.compile(await text(process.stdin)));
}
