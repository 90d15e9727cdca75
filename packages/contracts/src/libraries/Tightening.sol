// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Asset, Instrument, MarginParameters, ScenarioSet, Underlying} from "../interfaces/IRiskRegistry.sol";
import {UnderlyingId} from "../types/Ids.sol";

/// @title Which changes of risk tighten it
/// @notice A change that can only lower what accounts may do. Whatever is new, and whatever is unclear, is not one.
library Tightening {
    /// @notice The same feed, held to a shorter age.
    function ofUnderlying(Underlying memory previous, Underlying calldata value) internal pure returns (bool) {
        return previous.feed == value.feed && previous.feedDecimals == value.feedDecimals
            && value.maxAgeSeconds <= previous.maxAgeSeconds;
    }

    /// @notice The same asset with a larger haircut.
    function ofAsset(Asset memory previous, Asset calldata value) internal pure returns (bool) {
        return UnderlyingId.unwrap(previous.underlying) == UnderlyingId.unwrap(value.underlying)
            && previous.decimals == value.decimals && value.haircutBps >= previous.haircutBps;
    }

    /// @notice The same instrument with a larger charge. That it is the same, the bounds have checked.
    function ofInstrument(Instrument memory previous, Instrument calldata value) internal pure returns (bool) {
        return previous.multiplier != 0 && value.chargeBps >= previous.chargeBps;
    }

    /// @notice Every row kept as it is, and perhaps more after them: the worst of more scenarios is no better.
    function ofScenarioSet(ScenarioSet storage previous, ScenarioSet calldata value) internal view returns (bool) {
        uint256 columns = previous.underlyings.length;
        uint256 cells = previous.priceShocksBps.length;
        if (cells == 0 || value.underlyings.length != columns || value.priceShocksBps.length < cells) return false;
        for (uint256 i; i < columns; ++i) {
            if (UnderlyingId.unwrap(previous.underlyings[i]) != UnderlyingId.unwrap(value.underlyings[i])) {
                return false;
            }
        }
        for (uint256 i; i < cells; ++i) {
            if (previous.priceShocksBps[i] != value.priceShocksBps[i]) return false;
            if (previous.volatilityShocksBps[i] != value.volatilityShocksBps[i]) return false;
        }
        return true;
    }

    /// @notice More maintenance margin and buffer, less leverage, a shorter life; stickiness as it is.
    function ofMarginParameters(MarginParameters memory previous, MarginParameters calldata value)
        internal
        pure
        returns (bool)
    {
        return value.maintenanceBps >= previous.maintenanceBps && value.bufferBps >= previous.bufferBps
            && value.stickyBps == previous.stickyBps && value.maxLeverage <= previous.maxLeverage
            && value.attestationLifetimeSeconds <= previous.attestationLifetimeSeconds;
    }
}
