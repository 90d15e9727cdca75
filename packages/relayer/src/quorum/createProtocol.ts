import { attestationDigest, recoverSigner } from "@plimsoll/protocol/attestation";
import { makeTreeCache } from "@plimsoll/protocol/chain-tree";
import { hashCut } from "@plimsoll/protocol/cut";
import { decodeEpoch, encodeEpoch, epochLayout } from "@plimsoll/protocol/epoch-codec";
import { decodeDelta, encodeDelta } from "@plimsoll/protocol/epoch-delta";
import { provable } from "@plimsoll/protocol/proofs";
import type { Steps } from "@plimsoll/protocol/steps";
import { transitionSteps } from "@plimsoll/protocol/transition";
import type { Hex } from "viem";
import { inSlices } from "../slices.ts";
import type { Protocol } from "./protocol.ts";

/**
 * The protocol under one deployment's EIP-712 domain.
 * @param run how long computations are run.
 */
export function createProtocol(
  domainSalt: Hex,
  run: <Result>(steps: Steps<Result>) => Result | Promise<Result> = inSlices,
): Protocol {
  // One for all: an epoch computed next takes over most leaves of those that were read.
  const cache = makeTreeCache();
  return {
    transition: async (input) => await run(transitionSteps(input, cache)),
    layout: epochLayout,
    encode: encodeEpoch,
    decode: (content) => decodeEpoch(content, cache),
    provable: (epoch) => provable(epoch, cache),
    encodeDelta,
    decodeDelta: (content, base) => decodeDelta(content, base, cache),
    digest: (header) => attestationDigest(header, domainSalt),
    cutHash: hashCut,
    async recoverSigner(header, signature) {
      try {
        return await recoverSigner(header, domainSalt, signature);
      } catch {
        return null; // malformed, or r is no point of the curve
      }
    },
  };
}
