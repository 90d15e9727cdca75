import { absorbSignatures, isQuorum, validSignatures } from "./attest.ts";
import type { Context } from "./context.ts";
import { UnverifiableEpochError } from "./errors.ts";
import { postableEpochs, refOf } from "./known.ts";
import type { AttestationNotice, EpochRecordMessage, PeerStatus } from "./messages.ts";
import { resolveAttested } from "./resolve.ts";

// What this node tells its peers, and what it makes of what they tell it unasked.

/** How many attested epochs a status names; more than that are asked for by number. */
const mostListed = 256;

/** Every record of one number that is kept in full. */
export function epochRecords(context: Context, epoch: number): readonly EpochRecordMessage[] {
  const records: EpochRecordMessage[] = [];
  for (const ref of context.store.numbered(epoch).map(refOf)) {
    const found = context.store.content(ref);
    if (found === null) continue;
    const content = Buffer.from(context.protocol.encode(found.epoch)).toString("base64");
    const signatures = context.store.signaturesOf(ref).map(({ signature }) => signature);
    records.push({ proposal: found.proposal, content, signatures });
  }
  return records;
}

export function peerStatus(context: Context): PeerStatus {
  const attested = postableEpochs(context.store)
    .filter(({ attestedAtMs }) => attestedAtMs !== null)
    .map(refOf)
    .slice(-mostListed);
  return { operator: context.signer.address, highestEpoch: context.store.highestEpoch(), attested };
}

/**
 * Takes an attested epoch from a peer; its content is fetched if need be. What does not carry a quorum of the set at
 * its own cut is dropped.
 */
export async function receiveAttestation(context: Context, notice: AttestationNotice): Promise<boolean> {
  const { header, signatures } = notice;
  const ref = refOf({ header, digest: context.protocol.digest(header) });
  const signers = await Promise.all(signatures.map((signature) => context.protocol.recoverSigner(header, signature)));
  const from = signers.find((signer) => signer !== null && context.peers.addresses.includes(signer));
  if (from === undefined || from === null) return false;
  try {
    const { proposal } = await resolveAttested(context, ref, from, signatures);
    const set = context.view.operatorSetAt(proposal.cut);
    const valid = await validSignatures(context.protocol, header, signatures, set);
    if (!isQuorum(valid.length, set)) return false;
    await absorbSignatures(context, ref, signatures);
    return true;
  } catch (error) {
    if (!(error instanceof UnverifiableEpochError)) throw error;
    context.log.warn({ epoch: ref.epoch, because: error.because }, "could not take over an epoch");
    return false;
  }
}
