// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Arrays of int64 packed into bytes, big-endian, 8 bytes an entry
/// @dev Read in place from calldata: a risk array or an allotment is never copied to memory.
library PackedInt64 {
    /// @notice Where the entries begin in calldata; what `at` takes.
    function start(bytes calldata packed) internal pure returns (uint256 offset) {
        assembly ("memory-safe") {
            offset := packed.offset
        }
    }

    /// @notice Entry `index` of the array that begins at `offset` of the calldata. The caller has checked the length.
    function at(uint256 offset, uint256 index) internal pure returns (int256 value) {
        assembly ("memory-safe") {
            value := sar(192, calldataload(add(offset, shl(3, index))))
        }
    }
}
