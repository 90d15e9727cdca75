// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {InstrumentLeaf} from "../types/Leaves.sol";
import {LeafHash} from "./LeafHash.sol";
import {Priced} from "./PricedInstruments.sol";

/// @title Hashing many instrument leaves at once
library InstrumentLeaves {
    enum Fault {
        None,
        NotAscending,
        OtherSize,
        FarAway
    }

    /// @notice Hashes leaves to the front of `hashes`, as LeafHash does one, and to `priced` where each of them lies.
    /// @dev Solidity's checks of calldata are left out: what is read is hashed, what is hashed has to be proven, and it
    /// is read again at the same places.
    /// @param hashes At least as long as `leaves`.
    /// @param priced As long as `leaves`.
    /// @return fault Why the leaf at which it stopped is none of a margin check's.
    /// @return size Of every risk array, in bytes.
    /// @return other The size of the array at fault, where that is the fault.
    function hashAll(InstrumentLeaf[] calldata leaves, bytes32[] memory hashes, Priced[] memory priced)
        internal
        pure
        returns (Fault fault, uint256 size, uint256 other)
    {
        bytes32 typeHash = LeafHash.INSTRUMENT_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40)
            let last := 0
            let end := shl(5, leaves.length)
            for { let at := 0 } lt(at, end) {} {
                let leafAt := add(leaves.offset, calldataload(add(leaves.offset, at)))
                let pricesAt := add(leafAt, calldataload(add(leafAt, 0x100)))
                let bytesHere := calldataload(pricesAt)
                pricesAt := add(pricesAt, 0x20)
                if shr(64, or(leafAt, pricesAt)) {
                    fault := 3
                    break
                }
                if iszero(at) { size := bytesHere }
                if xor(bytesHere, size) {
                    fault := 2
                    other := bytesHere
                    break
                }
                if iszero(or(gt(calldataload(leafAt), last), iszero(at))) {
                    fault := 1
                    break
                }
                last := calldataload(leafAt)
                // The array, whose hash goes behind the fields; those, with the type before them; then their hash once more.
                calldatacopy(words, pricesAt, size)
                mstore(add(words, 0x120), keccak256(words, size))
                mstore(words, typeHash)
                calldatacopy(add(words, 0x20), leafAt, 0x100)
                mstore(0x00, keccak256(words, 0x140))
                at := add(at, 0x20)
                mstore(add(hashes, at), keccak256(0x00, 0x20))
                mstore(add(priced, at), or(shl(64, leafAt), pricesAt))
            }
        }
    }
}
