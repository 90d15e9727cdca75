import type { Epoch } from "@plimsoll/protocol/epoch";
import type { Address, Hex } from "viem";
import { nowSeconds } from "../clock.ts";
import type { VerifiedEpoch } from "../store/store.ts";
import { isQuorum, keepSignatures, markAttested, validSignatures } from "./attest.ts";
import { compute, readState } from "./compute.ts";
import type { Context } from "./context.ts";
import { UnverifiableEpochError } from "./errors.ts";
import { firstGiven } from "./firstGiven.ts";
import type { EpochRecordMessage, EpochRef } from "./messages.ts";
import { checkBlocks, checkCutShape, checkOperators } from "./rules.ts";

/** Unattested epochs may build on each other; ascending order keeps the way short, this keeps it bounded. */
const deepest = 16;
/** A quorum's clocks are believed that far ahead of this node's: its own may be the wrong one. */
const mostAheadSeconds = 600;

/**
 * An epoch by its name: from the store, or else from a peer. What a peer gives is taken over only when it carries a
 * quorum of signatures, when a chain took it, or when this node's own transition gives the same from the same proposal. So nobody can lower
 * allotments by handing out made-up epochs.
 *
 * @param from asked first.
 * @throws UnverifiableEpochError
 */
export async function resolveEpoch(context: Context, ref: EpochRef, from: Address, depth = 0): Promise<VerifiedEpoch> {
  const stored = context.store.content(ref);
  if (stored !== null) return stored;
  if (depth > deepest) throw new UnverifiableEpochError(ref, "too-deep");
  return await take(context, ref, from, [], (given) => recompute(context, given, from, depth));
}

/**
 * An epoch that is said to be attested. Nothing is computed for that: who has no quorum to show is not believed.
 *
 * @param signatures known already; what the peers know comes on top.
 * @throws UnverifiableEpochError
 */
export async function resolveAttested(
  context: Context,
  ref: EpochRef,
  from: Address,
  signatures: readonly Hex[] = [],
): Promise<VerifiedEpoch> {
  const stored = context.store.content(ref);
  if (stored !== null) return stored;
  return await take(context, ref, from, signatures, () => {
    throw new UnverifiableEpochError(ref, "not-attested");
  });
}

async function take(
  context: Context,
  ref: EpochRef,
  from: Address,
  known: readonly Hex[],
  compute: (given: VerifiedEpoch) => Promise<Epoch>,
): Promise<VerifiedEpoch> {
  const { proposal, content, signatures: told } = await fetchRecord(context, ref, from);
  const signatures = [...known, ...told];
  const epoch = decodeMatching(context, ref, content);
  const proposer = await context.protocol.recoverSigner(proposal.header, proposal.signature);
  if (proposer === null) throw new UnverifiableEpochError(ref, "unknown-proposer");
  const given = { digest: ref.digest, proposal, proposer, epoch };

  if (checkCutShape(proposal.cut, context.protocol.cutHash(proposal.cut), proposal.header, context.view.eids)) {
    throw new UnverifiableEpochError(ref, "cut-mismatch");
  }
  const behind = checkBlocks(proposal.cut, context.view);
  if (behind?.code === "not-indexed-yet" || behind?.code === "block-not-canonical") {
    throw new UnverifiableEpochError(ref, behind.code);
  }
  const set = context.view.operatorSetAt(proposal.cut);
  if (checkOperators(proposal.header, proposer, set)) throw new UnverifiableEpochError(ref, "unknown-proposer");

  const valid = await validSignatures(context.protocol, proposal.header, signatures, set);
  const attested = isQuorum(valid.length, set);
  const posted = context.view.isPosted(proposal.header);
  if (!posted) {
    // A quorum that is none any more could else use numbers up for ever.
    const { epoch: number, issuedAt } = proposal.header;
    if (number > issuedAt || issuedAt > nowSeconds(context.clock) + mostAheadSeconds) {
      throw new UnverifiableEpochError(ref, "issued-in-future");
    }
  }
  // What is in no leaf (an empty consumer, say) is in no root: what was computed here is kept as it came out here.
  const verified = attested || posted ? given : { ...given, epoch: await compute(given) };
  context.store.saveVerified(verified);
  keepSignatures(context, proposal.header, ref.digest, valid);
  context.log.info({ epoch: ref.epoch, from, attested }, "took over an epoch");
  if (attested) markAttested(context, ref);
  return verified;
}

async function fetchRecord(context: Context, ref: EpochRef, from: Address): Promise<EpochRecordMessage> {
  const { peers, protocol, timing, patience } = context;
  const order = [from, ...peers.addresses.filter((address) => address !== from)];
  const known = order.filter((candidate) => peers.addresses.includes(candidate));
  let cause: unknown;
  const record = await firstGiven(context, known, async (address) => {
    try {
      const records = await peers.epochs(address, ref.epoch, patience.stretch(timing.peerTimeoutMs));
      return records.find(({ proposal }) => protocol.digest(proposal.header) === ref.digest) ?? null;
    } catch (error) {
      cause = error;
      return null;
    }
  });
  if (record === null) throw new UnverifiableEpochError(ref, "not-found", cause);
  return record;
}

function decodeMatching(context: Context, ref: EpochRef, content: string): Epoch {
  let epoch: Epoch;
  try {
    epoch = context.protocol.decode(Buffer.from(content, "base64"));
  } catch (cause) {
    throw new UnverifiableEpochError(ref, "malformed", cause);
  }
  if (context.protocol.digest(epoch.header) !== ref.digest) throw new UnverifiableEpochError(ref, "malformed");
  return epoch;
}

async function recompute(context: Context, given: VerifiedEpoch, from: Address, depth: number): Promise<Epoch> {
  const { header, cut, earlier } = given.proposal;
  const ref = { epoch: header.epoch, digest: given.digest };
  if (header.issuedAt > nowSeconds(context.clock) + context.timing.mostSkewSeconds) {
    throw new UnverifiableEpochError(ref, "issued-in-future");
  }
  if (earlier.some(({ epoch }) => epoch >= header.epoch)) throw new UnverifiableEpochError(ref, "not-computable");
  const before: Epoch[] = [];
  for (const one of earlier) before.push((await resolveEpoch(context, one, from, depth + 1)).epoch);
  const state = readState(context, cut);
  if ("because" in state) throw new UnverifiableEpochError(ref, "not-computable");
  const { epoch: number, operatorSetId, issuedAt } = header;
  const mine = await compute(context, { epoch: number, operatorSetId, issuedAt, state, earlier: before });
  if ("because" in mine) throw new UnverifiableEpochError(ref, "not-computable");
  if (mine.digest !== given.digest) throw new UnverifiableEpochError(ref, "different-result");
  return mine.epoch;
}
