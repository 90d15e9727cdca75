import type { Epoch } from "@plimsoll/protocol/epoch";
import type { Hex } from "viem";
import type { EpochRef } from "../quorum/messages.ts";
import type { Protocol } from "../quorum/protocol.ts";
import type { storeStatements } from "./statements.ts";
import type { epochs } from "./tables.ts";

/** How epochs are written. */
export type StoreProtocol = Pick<Protocol, "layout" | "encode" | "decode" | "encodeDelta" | "decodeDelta">;

/** A new snapshot is taken once the difference to the last one is more than this part of it. */
const largestDelta = 1 / 4;

interface Snapshot {
  readonly digest: Hex;
  readonly epoch: Epoch;
  readonly size: number;
}

/**
 * Writes epochs as their difference to a snapshot: with 100,000 accounts one is tens of megabytes, and from one to the next
 * little changes. All within the transaction of whoever calls.
 */
export function createContents(statements: ReturnType<typeof storeStatements>, protocol: StoreProtocol) {
  /** The one last used, as in memory: it may have been rolled back, or dropped with the last epoch that needed it. */
  let last: Snapshot | null = null;

  const snapshotOf = (snapshot: Hex): Snapshot | null => {
    if (last?.digest === snapshot) return last;
    const row = statements.snapshot.get({ snapshot });
    if (row === undefined) return null;
    last = { digest: snapshot, epoch: protocol.decode(row.content), size: row.content.length };
    return last;
  };

  const deltaTo = (base: Snapshot | null, epoch: Epoch): Buffer | null => {
    if (base === null || statements.hasSnapshot.get({ snapshot: base.digest }) === undefined) return null;
    const delta = protocol.encodeDelta(epoch, base.epoch);
    return delta.length > largestDelta * base.size ? null : Buffer.from(delta.buffer, delta.byteOffset, delta.length);
  };

  return {
    write(name: EpochRef, epoch: Epoch): void {
      let [base, content] = [last, deltaTo(last, epoch)];
      if (base === null || content === null) {
        const whole = Buffer.from(protocol.encode(epoch));
        base = last = { digest: name.digest, epoch, size: whole.length };
        content = Buffer.alloc(0);
        statements.putSnapshot.run({ snapshot: base.digest, content: whole });
      }
      statements.insertContent.run({ ...name, content });
      statements.describeContent.run({ ...name, layout: protocol.layout, snapshot: base.digest });
    },
    /** Null when it cannot be read: its snapshot is not there. */
    read({ digest, snapshot }: typeof epochs.$inferSelect, content: Uint8Array): Epoch | null {
      if (snapshot === null) return protocol.decode(content);
      const base = snapshotOf(snapshot);
      if (base === null || snapshot === digest) return base?.epoch ?? null;
      return protocol.decodeDelta(content, base.epoch);
    },
  };
}
