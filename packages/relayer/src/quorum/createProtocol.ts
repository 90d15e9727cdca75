import { attestationDigest, recoverSigner } from "@plimsoll/protocol/attestation";
import { hashCut } from "@plimsoll/protocol/cut";
import { decodeEpoch, encodeEpoch, epochLayout } from "@plimsoll/protocol/epoch-codec";
import { transition } from "@plimsoll/protocol/transition";
import { makeTransitionCache } from "@plimsoll/protocol/transition/compute-epoch";
import type { Hex } from "viem";
import type { Protocol } from "./protocol.ts";

/** The protocol under one deployment's EIP-712 domain. */
export function createProtocol(domainSalt: Hex): Protocol {
  const cache = makeTransitionCache();
  return {
    transition: (input) => transition(input, cache),
    layout: epochLayout,
    encode: encodeEpoch,
    decode: decodeEpoch,
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
