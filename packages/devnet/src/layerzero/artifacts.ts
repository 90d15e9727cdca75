import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Hex } from "viem";
import { z } from "zod";
import { ArtifactMissing } from "../errors.ts";

const require = createRequire(import.meta.url);
const packages = {
  protocol: () => require.resolve("@layerzerolabs/lz-evm-protocol-v2/package.json"),
  library: () => require.resolve("@layerzerolabs/lz-evm-messagelib-v2/package.json"),
};
const places = {
  EndpointV2: { of: "protocol", folder: "EndpointV2.sol" },
  SendUln302: { of: "library", folder: "uln/uln302/SendUln302.sol" },
  ReceiveUln302: { of: "library", folder: "uln/uln302/ReceiveUln302.sol" },
  PriceFeed: { of: "library", folder: "PriceFeed.sol" },
  Treasury: { of: "library", folder: "Treasury.sol" },
  Executor: { of: "library", folder: "Executor.sol" },
  ExecutorFeeLib: { of: "library", folder: "ExecutorFeeLib.sol" },
  DVN: { of: "library", folder: "uln/dvn/DVN.sol" },
  DVNFeeLib: { of: "library", folder: "uln/dvn/DVNFeeLib.sol" },
} as const;
const artifact = z.object({ bytecode: z.templateLiteral(["0x", z.string()]) });

/** The contracts of LayerZero that the devnet deploys. */
export type LayerZeroContract = keyof typeof places;

/**
 * Creation bytecode as LayerZero publishes it on npm.
 *
 * @throws {ArtifactMissing}
 * @example
 * const bytecode = layerZeroBytecode("EndpointV2");
 */
export function layerZeroBytecode(contract: LayerZeroContract): Hex {
  const { of, folder } = places[contract];
  try {
    const path = join(dirname(packages[of]()), "artifacts/contracts", folder, `${contract}.json`);
    return artifact.parse(JSON.parse(readFileSync(path, "utf8"))).bytecode;
  } catch (cause) {
    throw new ArtifactMissing(contract, { cause });
  }
}
