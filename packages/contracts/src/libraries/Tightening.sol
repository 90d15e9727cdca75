// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {UnderlyingId} from "../types/Ids.sol";
import {
    Asset,
    ExpiryTerms,
    Funding,
    Instrument,
    MarginParameters,
    ScenarioSet,
    Underlying,
    VolatilityPolicy
} from "../types/Risk.sol";

/// @title Which changes of risk tighten it
/// @notice A change that can only lower what accounts may do. Whatever is new, and whatever is unclear, is not one.
library Tightening {
    /// @dev An expiry's terms may move at once so often, and by so much: a tenth of volatility, a point of a rate.
    uint256 internal constant STEP_SECONDS = 1 hours;
    uint64 internal constant MOST_SHAPE_STEP = 1e7;
    uint64 internal constant MOST_RATE_STEP = 1e6;

    /// @notice The same feed, held to shorter ages, widened no less, into a market no deeper.
    function ofUnderlying(Underlying memory previous, Underlying calldata value) internal pure returns (bool) {
        return previous.feed == value.feed && previous.feedDecimals == value.feedDecimals
            && value.freshSeconds <= previous.freshSeconds && value.maxAgeSeconds <= previous.maxAgeSeconds
            && value.lastSeconds <= previous.lastSeconds && value.widestBps >= previous.widestBps
            && value.depth <= previous.depth;
    }

    /// @notice A factor that is nowhere smaller, rises no slower and falls no faster.
    function ofVolatilityPolicy(VolatilityPolicy memory previous, VolatilityPolicy calldata value)
        internal
        pure
        returns (bool)
    {
        return previous.capBps != 0 && value.referenceVolatility <= previous.referenceVolatility
            && value.stressedVolatility >= previous.stressedVolatility && value.floorBps >= previous.floorBps
            && value.capBps >= previous.capBps && value.mostUpBps >= previous.mostUpBps
            && value.mostDownBps <= previous.mostDownBps;
    }

    /// @notice Marks neither tighten nor loosen. They may follow the market by small steps; a larger one waits.
    /// @param setAt When the terms were set last; 0 for none, for a new expiry waits.
    function isSmallStep(ExpiryTerms memory previous, uint64 setAt, ExpiryTerms calldata value)
        internal
        view
        returns (bool)
    {
        if (setAt == 0 || block.timestamp < setAt + STEP_SECONDS) return false;
        if ((previous.atTheMoney == 0) != (value.atTheMoney == 0)) return false;
        return _apart(previous.basisRate, value.basisRate) <= MOST_RATE_STEP
            && _apart(previous.discountRate, value.discountRate) <= MOST_RATE_STEP
            && _apart(int64(previous.atTheMoney), int64(value.atTheMoney)) <= previous.atTheMoney / 10
            && _apart(previous.skew, value.skew) <= MOST_SHAPE_STEP
            && _apart(int64(previous.curvature), int64(value.curvature)) <= MOST_SHAPE_STEP + previous.curvature / 10;
    }

    /// @notice Less can be paid in the same window, and it takes no less trading. It was registered before.
    function ofFunding(Funding memory previous, Funding calldata value) internal pure returns (bool) {
        return previous.windowSeconds == value.windowSeconds && value.capBps <= previous.capBps
            && value.turnoverBps >= previous.turnoverBps;
    }

    /// @notice The same asset with a larger haircut, into a market no deeper.
    function ofAsset(Asset memory previous, Asset calldata value) internal pure returns (bool) {
        return UnderlyingId.unwrap(previous.underlying) == UnderlyingId.unwrap(value.underlying)
            && previous.decimals == value.decimals && value.haircutBps >= previous.haircutBps
            && value.depth <= previous.depth;
    }

    /// @notice The same instrument with larger charges. That it is the same, the bounds have checked.
    function ofInstrument(Instrument memory previous, Instrument calldata value) internal pure returns (bool) {
        return previous.multiplier != 0 && value.chargeBps >= previous.chargeBps
            && value.basisBpsAYear >= previous.basisBpsAYear && value.mostBasisBps >= previous.mostBasisBps
            && value.shortMinimumBps >= previous.shortMinimumBps;
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

    function _apart(int64 a, int64 b) private pure returns (uint64) {
        // casting to 'uint64' is safe because the difference of two values within the bounds is positive and small
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(a > b ? a - b : b - a);
    }
}
