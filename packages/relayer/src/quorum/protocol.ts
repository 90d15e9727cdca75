import type { Epoch, Header, TransitionInput } from "@plimsoll/protocol/epoch";
import type { ProvableEpoch } from "@plimsoll/protocol/proofs";
import type { Cut } from "@plimsoll/protocol/state";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import type { Address, Hex } from "viem";

/** What the engine needs of the protocol, bound to one deployment's domain. Pure. */
export interface Protocol {
  /** Takes its time with many accounts; others get their turn meanwhile. */
  transition(input: TransitionInput): Promise<TransitionResult>;
  /** Of what `encode` gives: another version of the program may have another one, and cannot read this. */
  readonly layout: number;
  encode(epoch: Epoch): Uint8Array;
  /** Throws unless the content hashes to the header's root. */
  decode(content: Uint8Array): Epoch;
  /** Ready for proofs; quickly where it was computed or read last. */
  provable(epoch: Epoch): ProvableEpoch;
  /** The same epoch as its difference to another one, and back. */
  encodeDelta(epoch: Epoch, base: Epoch): Uint8Array;
  decodeDelta(content: Uint8Array, base: Epoch): Epoch;
  /** What operators sign. */
  digest(header: Header): Hex;
  cutHash(cut: Cut): Hex;
  /** Lowercase; null when it is no signature, or one that contracts refuse. */
  recoverSigner(header: Header, signature: Hex): Promise<Address | null>;
}
