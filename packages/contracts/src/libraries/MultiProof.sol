// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title One proof for several leaves of a tree
/// @notice Inner nodes that leaves share are computed once, and what the leaves give is not sent. A proof is a program for
/// a stack, one byte a step: 0 hashes the two nodes on top, 255 pushes the next leaf, and n in between hashes the top with
/// the next n siblings. A pair is hashed the smaller node first. The root is what is left. Any shape of tree can be walked
/// so, also one whose last node moves up for want of a sibling.
library MultiProof {
    /// @notice Whether the leaves and siblings lead to `root`. Every leaf and every sibling has to be used.
    /// @param leaves Leaf hashes from the left of the tree to the right. Overwritten: the stack is kept in it.
    function verify(bytes32 root, bytes32[] memory leaves, bytes32[] calldata siblings, bytes calldata steps)
        internal
        pure
        returns (bool proven)
    {
        assembly ("memory-safe") {
            // Node `top` is the top of the stack; while it is `leaves`, where the length is kept, the stack is empty.
            let top := leaves
            let leaf := add(leaves, 0x20)
            let sibling := siblings.offset
            let step := steps.offset
            let stepEnd := add(step, steps.length)
            for {} lt(step, stepEnd) { step := add(step, 1) } {
                let kind := byte(0, calldataload(step))
                if eq(kind, 255) {
                    if gt(leaf, add(leaves, shl(5, mload(leaves)))) { break }
                    top := add(top, 0x20)
                    mstore(top, mload(leaf))
                    leaf := add(leaf, 0x20)
                    continue
                }
                let node := mload(top)
                switch kind
                case 0 {
                    top := sub(top, 0x20)
                    if iszero(gt(top, leaves)) { break }
                    let other := mload(top)
                    let first := shl(5, gt(node, other))
                    mstore(first, node)
                    mstore(xor(first, 0x20), other)
                    node := keccak256(0x00, 0x40)
                }
                default {
                    let end := add(sibling, shl(5, kind))
                    if eq(top, leaves) { break }
                    for {} 1 {} {
                        let first := shl(5, gt(node, calldataload(sibling)))
                        mstore(first, node)
                        mstore(xor(first, 0x20), calldataload(sibling))
                        node := keccak256(0x00, 0x40)
                        sibling := add(sibling, 0x20)
                        if eq(sibling, end) { break }
                    }
                }
                mstore(top, node)
            }
            // A walk that breaks off has steps left.
            proven := and(
                and(eq(step, stepEnd), gt(leaf, add(leaves, shl(5, mload(leaves))))),
                eq(sibling, add(siblings.offset, shl(5, siblings.length)))
            )
            proven := and(proven, and(eq(top, add(leaves, 0x20)), eq(mload(top), root)))
        }
    }
}
