// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {InstrumentId} from "../types/Ids.sol";
import {InstrumentLeaf} from "../types/Leaves.sol";

/// @notice A proven instrument: the number by which books name it (0 while no account ever held it here), where its leaf
/// begins in calldata, and where its risk array does; the last two 64 bits each. A trade reads them several times.
type Priced is uint256;

using PricedLibrary for Priced global;

library PricedLibrary {
    uint256 private constant MASK = type(uint64).max;

    function numbered(Priced priced, uint256 number_) internal pure returns (Priced) {
        return Priced.wrap((Priced.unwrap(priced) & type(uint128).max) | (number_ << 128));
    }

    function number(Priced priced) internal pure returns (uint256) {
        return Priced.unwrap(priced) >> 128;
    }

    function pricesAt(Priced priced) internal pure returns (uint256) {
        return Priced.unwrap(priced) & MASK;
    }

    function leaf(Priced priced) internal pure returns (InstrumentLeaf calldata found) {
        uint256 leafAt = (Priced.unwrap(priced) >> 64) & MASK;
        assembly ("memory-safe") {
            found := leafAt
        }
    }
}

/// @title Finding proven instruments
library PricedInstruments {
    /// @notice The instrument of that id; the count of all if none is.
    function indexOf(Priced[] memory all, InstrumentId id) internal pure returns (uint256 i) {
        unchecked {
            while (i < all.length && InstrumentId.unwrap(all[i].leaf().instrument) != InstrumentId.unwrap(id)) ++i;
        }
    }
}
