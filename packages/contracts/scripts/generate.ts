// Writes typed ABIs and bytecode for viem from forge's artifacts: generated/abi/Name.ts and generated/bytecode/Name.ts.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const deployables = [
  "CollateralLedger",
  "CollateralVault",
  "CreditLine",
  "DerivativeMarket",
  "OperatorBonds",
  "OperatorRegistry",
  "PriceBoard",
  "ReplayFeed",
  "RiskRegistry",
  "SingleFuture",
  "SolvencyAttestations",
  "TestToken",
  "WrappedEther",
];

/** Made by another contract: nobody deploys them. */
const made = ["MarketLiquidation"];

/** Exported under the name without the `I`: what any contract that implements it answers to. */
const interfaces = ["IMarginConsumer"];

function readArtifact(name: string): { abi: unknown; bytecode: { object: string } } {
  return JSON.parse(readFileSync(join(root, `out/${name}.sol/${name}.json`), "utf8"));
}

function write(folder: "abi" | "bytecode", name: string, suffix: string, literal: string): void {
  const identifier = name.charAt(0).toLowerCase() + name.slice(1) + suffix;
  writeFileSync(join(root, `generated/${folder}/${name}.ts`), `export const ${identifier} = ${literal} as const;\n`);
}

rmSync(join(root, "generated"), { recursive: true, force: true });
mkdirSync(join(root, "generated/abi"), { recursive: true });
mkdirSync(join(root, "generated/bytecode"), { recursive: true });
for (const name of deployables) {
  const artifact = readArtifact(name);
  write("abi", name, "Abi", JSON.stringify(artifact.abi, null, 2));
  write("bytecode", name, "Bytecode", JSON.stringify(artifact.bytecode.object));
}
for (const name of made) {
  write("abi", name, "Abi", JSON.stringify(readArtifact(name).abi, null, 2));
}
for (const name of interfaces) {
  write("abi", name.slice(1), "Abi", JSON.stringify(readArtifact(name).abi, null, 2));
}
