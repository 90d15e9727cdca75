// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

/// @notice An instrument's premium over its index, packed: running premium (int32), time of the last fill (uint40), the
/// premium's integral over time (int64), value filled (uint88), from the low end. Zero before the first fill.
type PremiumState is uint224;

/// @notice As it stands right after a fill.
/// @param premiumSeconds Integral of the running premium since the first fill, in hundred-millionths times seconds.
/// @param premium The running premium from now on, in hundred-millionths of the index.
/// @param volume Value filled in all, USD with 8 decimals.
struct Premium {
    int64 premiumSeconds;
    int64 premium;
    uint128 volume;
}

/// @title Premiums of fills over the index, averaged over time
/// @notice Operators work out funding from it: the difference of two integrals over the time between them.
library PremiumAccumulator {
    /// @notice No fill counts as farther from the index than this: half a per cent.
    int256 internal constant CAP_E8 = 500_000;
    /// @notice A fill of this value or more replaces the running premium; a smaller one moves it by its share.
    uint256 internal constant FULL_WEIGHT_E8 = 25_000e8;
    /// @notice A premium that no fill renews counts for so long, and then as none.
    uint256 internal constant HOLD_SECONDS = 600;

    /// @param size Units filled, with 8 decimals.
    /// @param price Of a unit, USD with 8 decimals.
    /// @param index Index price of a unit, USD with 8 decimals; a fill without one is sampled at no premium.
    function afterFill(PremiumState state, uint256 size, uint64 price, uint64 index)
        internal
        view
        returns (PremiumState next, Premium memory premium)
    {
        uint256 packed = PremiumState.unwrap(state);
        uint256 value = size * price / 1e8;
        // casting is safe because each takes a field of the state, as it was packed below
        // forge-lint: disable-start(unsafe-typecast)
        int256 running = int32(uint32(packed));
        uint256 held = FixedPointMathLib.min(block.timestamp - uint40(packed >> 32), HOLD_SECONDS);
        int256 integral = int64(uint64(packed >> 72)) + running * int256(held);
        uint256 volume = FixedPointMathLib.min((packed >> 136) + value, type(uint88).max);
        running += (_sample(price, index) - running) * int256(FixedPointMathLib.min(value, FULL_WEIGHT_E8))
            / int256(FULL_WEIGHT_E8);
        // and because the running premium is within the cap, and its integral over all time within 64 bits
        premium.premiumSeconds = int64(integral);
        premium.premium = int64(running);
        premium.volume = uint128(volume);
        next = PremiumState.wrap(
            uint224(
                uint32(int32(running)) | (block.timestamp << 32) | (uint256(uint64(int64(integral))) << 72)
                    | (volume << 136)
            )
        );
        // forge-lint: disable-end(unsafe-typecast)
    }

    function _sample(uint64 price, uint64 index) private pure returns (int256) {
        if (index == 0) return 0;
        int256 sample = (int256(uint256(price)) - int256(uint256(index))) * 1e8 / int256(uint256(index));
        return FixedPointMathLib.clamp(sample, -CAP_E8, CAP_E8);
    }
}
