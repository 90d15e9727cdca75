import type { Header } from "@plimsoll/protocol/epoch";
import type { Address, Hex } from "viem";
import type { MemberSignature } from "../store/store.ts";
import type { OperatorSet } from "./chainView.ts";
import type { Context } from "./context.ts";
import type { EpochRef } from "./messages.ts";
import type { Protocol } from "./protocol.ts";

/** The signatures that are valid and of members, one a member, ascending by signer. */
export async function validSignatures(
  protocol: Pick<Protocol, "recoverSigner">,
  header: Header,
  signatures: readonly Hex[],
  set: OperatorSet | null,
): Promise<readonly MemberSignature[]> {
  const bySigner = new Map<Address, Hex>();
  for (const signature of signatures) {
    const signer = await protocol.recoverSigner(header, signature);
    if (signer !== null && set?.members.includes(signer)) bySigner.set(signer, signature);
  }
  return [...bySigner]
    .map(([signer, signature]) => ({ signer, signature }))
    .sort((a, b) => (a.signer < b.signer ? -1 : 1));
}

/** Stores signatures; two of one member for one epoch are proof that it equivocates, and are shouted about. */
export function keepSignatures(
  context: Pick<Context, "store" | "log">,
  header: Header,
  digest: Hex,
  signatures: readonly MemberSignature[],
): void {
  for (const { epoch, signer, digests } of context.store.addSignatures(header, digest, signatures)) {
    context.log.error({ epoch, signer, digests }, "operator signed two headers of one epoch");
  }
}

/** Those of a stored epoch's signatures that count: what is kept may be of a peer that is no member, as a proof against it. */
export const membersOnly = (
  signatures: readonly MemberSignature[],
  set: OperatorSet | null,
): readonly MemberSignature[] => signatures.filter(({ signer }) => set?.members.includes(signer));

export const isQuorum = (signatures: number, set: OperatorSet | null): boolean =>
  set !== null && signatures >= set.threshold;

/** Adds signatures to a stored epoch; with those it has they may make a quorum. */
export async function absorbSignatures(context: Context, ref: EpochRef, signatures: readonly Hex[]): Promise<void> {
  const summary = context.store.summary(ref);
  if (summary === null) return;
  const set = context.view.operatorSetAt(summary.cut);
  keepSignatures(
    context,
    summary.header,
    ref.digest,
    await validSignatures(context.protocol, summary.header, signatures, set),
  );
  if (isQuorum(membersOnly(context.store.signaturesOf(ref), set).length, set)) markAttested(context, ref);
}

/** Marks a stored epoch as attested, and tells so once. */
export function markAttested(context: Context, ref: EpochRef): void {
  const before = context.store.summary(ref);
  if (before === null || before.attestedAtMs !== null) return;
  context.store.markAttested(ref, context.clock.nowMs());
  const after = context.store.summary(ref);
  if (after === null) return;
  const signers = context.store.signaturesOf(ref).map(({ signer }) => signer);
  context.log.info({ epoch: ref.epoch, root: after.header.root, signers }, "epoch attested");
  context.onAttested(after);
}
