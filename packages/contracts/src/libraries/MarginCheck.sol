// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PackedInt64} from "./PackedInt64.sol";

/// @notice One instrument of a portfolio before and after a change.
/// @param pricesAt Where its risk array begins in calldata.
struct Leg {
    uint256 pricesAt;
    int256 sizeAfter;
    int256 sizeChange;
}

/// @notice A change of a portfolio, ready to be valued in every scenario. USD with 16 decimals: cash times 1e8, and
/// sizes (8 decimals) times prices (8 decimals), so nothing is ever rounded.
/// @param scenarios How many entries every risk array has.
/// @param fixedAfter The part of the value after the change that no scenario moves: cash less contingency charges.
/// @param fixedChange By how much that part changes.
/// @param grossBefore Notional held before the change.
/// @param grossAfter Notional held after it.
struct Revaluation {
    Leg[] legs;
    uint256 scenarios;
    int256 fixedAfter;
    int256 fixedChange;
    uint256 grossBefore;
    uint256 grossAfter;
}

/// @title The margin check
/// @notice In every scenario: -value' <= allotment or value' >= value.
library MarginCheck {
    /// @dev No array begins at 0 of the calldata, for the selector is there.
    uint256 internal constant NO_ALLOTMENT = 0;

    /// @notice The first scenario in which the change is not allowed.
    /// @dev Nothing overflows: sizes are int128, prices and allotments int64, legs at most 17.
    /// @param allotmentAt Where the allotment begins in calldata, or NO_ALLOTMENT: then only reductions are allowed.
    /// @return scenario `scenarios` if the change is allowed.
    /// @return excess USD with 16 decimals: the loss beyond the allotment, or without one, the loss added.
    function firstBreach(Revaluation memory revaluation, uint256 allotmentAt)
        internal
        pure
        returns (uint256 scenario, uint256 excess)
    {
        unchecked {
            Leg[] memory legs = revaluation.legs;
            uint256 scenarios = revaluation.scenarios;
            for (; scenario < scenarios; ++scenario) {
                (int256 legsAfter, int256 legsChange) = _sum(legs, scenario);
                int256 change = revaluation.fixedChange + legsChange;
                if (change >= 0) continue;
                // casting to 'uint256' is safe because both numbers are positive here
                // forge-lint: disable-next-line(unsafe-typecast)
                if (allotmentAt == NO_ALLOTMENT) return (scenario, uint256(-change));
                int256 loss = -(revaluation.fixedAfter + legsAfter);
                int256 over = loss - PackedInt64.at(allotmentAt, scenario) * 1e8;
                // forge-lint: disable-next-line(unsafe-typecast)
                if (over > 0) return (scenario, uint256(over));
            }
        }
    }

    /// @dev In one scenario: the sums of size times price after the change, and of its change. This is where a trade
    /// spends its computation, so it reads the legs without Solidity's checks of bounds that cannot be crossed.
    function _sum(Leg[] memory legs, uint256 scenario) private pure returns (int256 valueAfter, int256 change) {
        assembly ("memory-safe") {
            let entry := add(legs, 0x20)
            let end := add(entry, shl(5, mload(legs)))
            let offset := shl(3, scenario)
            for {} lt(entry, end) { entry := add(entry, 0x20) } {
                let leg := mload(entry)
                let price := sar(192, calldataload(add(mload(leg), offset)))
                valueAfter := add(valueAfter, mul(mload(add(leg, 0x20)), price))
                change := add(change, mul(mload(add(leg, 0x40)), price))
            }
        }
    }
}
