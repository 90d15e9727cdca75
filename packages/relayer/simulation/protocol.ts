import type { Epoch, Header, TransitionInput } from "@plimsoll/protocol/epoch";
import type { Cut, StateAtCut } from "@plimsoll/protocol/state";
import { finish } from "@plimsoll/protocol/steps";
import type { TransitionResult } from "@plimsoll/protocol/transition/compute-epoch";
import type { Hex } from "viem";
import { createProtocol } from "../src/quorum/createProtocol.ts";
import type { Protocol } from "../src/quorum/protocol.ts";
import type { Signatures } from "./signatures.ts";

/**
 * What pure functions gave in one world, for all operators of it: each of them asks for the same epochs. Every so many
 * hits it is computed again all the same, for a result that depends on who computes it would be no result.
 */
export interface Remembered {
  readonly states: Map<string, StateAtCut>;
  readonly digests: Map<string, Hex>;
  readonly cutHashes: Map<string, Hex>;
  readonly results: Map<string, TransitionResult>;
  readonly decoded: Map<string, Epoch>;
  readonly encoded: WeakMap<Epoch, Uint8Array>;
  /** By what they are differences to. */
  readonly deltas: WeakMap<Epoch, WeakMap<Epoch, Uint8Array>>;
  readonly applied: WeakMap<Epoch, Map<string, Epoch>>;
  /** Names of encodings, so that keys stay short, and of the epochs that they were found to be of. */
  readonly names: Map<string, number>;
  readonly named: WeakMap<Epoch, number>;
  hits: number;
  /** What came out differently the second time. */
  readonly contradictions: string[];
}

export const nothingRemembered = (): Remembered => ({
  states: new Map(),
  digests: new Map(),
  cutHashes: new Map(),
  results: new Map(),
  decoded: new Map(),
  encoded: new WeakMap(),
  deltas: new WeakMap(),
  applied: new WeakMap(),
  names: new Map(),
  named: new WeakMap(),
  hits: 0,
  contradictions: [],
});

const computeAgainEvery = 16;

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
const cutKey = (cut: Cut): string =>
  cut.map(({ eid, number, hash, timestampSeconds }) => `${eid} ${number} ${hash} ${timestampSeconds}`).join();

/** The real protocol, with signatures out of the book. */
export function simulatedProtocol(signatures: Signatures, remembered: Remembered, salt: Hex): Protocol {
  const real = createProtocol(salt, finish);
  const digest = (header: Header): Hex => {
    const { epoch, operatorSetId, root, cutHash, riskVersion, issuedAt, expiresAt } = header;
    const key = `${epoch} ${operatorSetId} ${root} ${cutHash} ${riskVersion} ${issuedAt} ${expiresAt}`;
    return remember(remembered.digests, key, () => real.digest(header));
  };
  const encode = (epoch: Epoch): Uint8Array => remember(remembered.encoded, epoch, () => real.encode(epoch));
  const nameOf = (epoch: Epoch): number =>
    remember(remembered.named, epoch, () =>
      remember(remembered.names, textOf(encode(epoch)), () => remembered.names.size),
    );
  // A block tells its state, but for a clock that a broken operator reads wrongly.
  const clocksOf = ({ chains }: TransitionInput["state"]) =>
    [...chains.values()].map(({ block }) => block.timestampSeconds);
  const keyOf = ({ epoch, operatorSetId, issuedAt, state, earlier }: TransitionInput): string =>
    `${epoch} ${operatorSetId} ${issuedAt} ${cutKey(state.cut)} ${clocksOf(state)} ${earlier.map(nameOf).join()}`;
  return {
    ...real,
    digest,
    encode,
    decode: (bytes) => remember(remembered.decoded, textOf(bytes), () => real.decode(bytes)),
    encodeDelta(epoch, base) {
      const known = remember(remembered.deltas, base, () => new WeakMap<Epoch, Uint8Array>());
      return remember(known, epoch, () => real.encodeDelta(epoch, base));
    },
    decodeDelta(delta, base) {
      const known = remember(remembered.applied, base, () => new Map<string, Epoch>());
      return remember(known, textOf(delta), () => real.decodeDelta(delta, base));
    },
    cutHash: (cut) => remember(remembered.cutHashes, cutKey(cut), () => real.cutHash(cut)),
    recoverSigner: async (header, signature) => signatures.signerOf(digest(header), signature),
    async transition(input) {
      const key = keyOf(input);
      const known = remembered.results.get(key);
      if (known !== undefined && ++remembered.hits % computeAgainEvery > 0) return known;
      const result = await real.transition(input);
      if (known !== undefined && digest(known.epoch.header) !== digest(result.epoch.header)) {
        remembered.contradictions.push(`epoch ${input.epoch} is another one when it is computed again`);
      }
      remembered.results.set(key, known ?? result);
      return known ?? result;
    },
  };
}

interface Memory<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

function remember<K, V>(known: Memory<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
