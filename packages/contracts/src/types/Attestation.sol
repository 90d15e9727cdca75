// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What operators sign: EIP-712 typed data without a chain id, so that one signature serves every chain.
/// @param epoch Number of the run of the transition; only ever increases on a chain.
/// @param operatorSetId The operator set whose members signed.
/// @param root Merkle root over one sub-root per eid.
/// @param cutHash Hash of the cut: one finalized block for every chain.
/// @param riskVersion Version of the hub's risk registry at the cut.
/// @param issuedAt Seconds since 1970.
/// @param expiresAt Seconds since 1970; from then on it can neither be posted nor relied on.
struct Header {
    uint64 epoch;
    uint32 operatorSetId;
    bytes32 root;
    bytes32 cutHash;
    uint32 riskVersion;
    uint64 issuedAt;
    uint64 expiresAt;
}

/// @notice One block of a cut; `cutHash` is keccak256(abi.encode(CutBlock[])), ascending by eid.
struct CutBlock {
    uint32 eid;
    uint64 number;
    bytes32 hash;
    uint64 timestamp;
}

/// @notice A header, the way from one chain's sub-root to its root, and the quorum's signatures.
/// @param chainRoot Root of the leaves of the chain that this is posted to.
/// @param chainPath Merkle proof of (eid, chainRoot) under `header.root`.
/// @param signatures 65 bytes (r, s, v) a signer, signers in ascending order, low s only.
struct Attestation {
    Header header;
    bytes32 chainRoot;
    bytes32[] chainPath;
    bytes signatures;
}
