// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The consumer's check as docs state it, written the plain way: whole portfolios, valued twice
library MarginReference {
    struct Instrument {
        int64[] prices;
        uint64 notional;
        uint64 charge;
        bool onlyShrinks;
    }

    struct Portfolio {
        int256 cash;
        int256[] sizes;
    }

    enum Verdict {
        Allowed,
        NotShrinking,
        BeyondAllotment,
        BeyondGrossLimit
    }

    /// @notice value[s] = cash + sum(size * price[s]) - sum(|size| * charge), USD with 16 decimals.
    function valueE16(Portfolio memory portfolio, Instrument[] memory instruments, uint256 scenario)
        internal
        pure
        returns (int256 value)
    {
        value = portfolio.cash * 1e8;
        for (uint256 i; i < instruments.length; ++i) {
            int256 size = portfolio.sizes[i];
            int256 units = size < 0 ? -size : size;
            value += size * instruments[i].prices[scenario];
            value -= units * int256(uint256(instruments[i].charge));
        }
    }

    function grossE16(Portfolio memory portfolio, Instrument[] memory instruments)
        internal
        pure
        returns (uint256 gross)
    {
        for (uint256 i; i < instruments.length; ++i) {
            int256 size = portfolio.sizes[i];
            gross += uint256(size < 0 ? -size : size) * instruments[i].notional;
        }
    }

    /// @param allotment Empty for an account without one.
    /// @return verdict Whether the change is allowed.
    /// @return scenario The first scenario that is not, where the verdict is BeyondAllotment.
    function judge(
        Portfolio memory before,
        Portfolio memory afterwards,
        Instrument[] memory instruments,
        int64[] memory allotment,
        uint256 grossLimit
    ) internal pure returns (Verdict verdict, uint256 scenario) {
        for (uint256 i; i < instruments.length; ++i) {
            int256 size = before.sizes[i];
            int256 left = afterwards.sizes[i];
            bool shrinks = size == left || (size > left && left >= 0) || (size < left && left <= 0);
            if (instruments[i].onlyShrinks && !shrinks) return (Verdict.NotShrinking, 0);
        }
        for (uint256 s; s < instruments[0].prices.length; ++s) {
            int256 valueBefore = valueE16(before, instruments, s);
            int256 valueAfter = valueE16(afterwards, instruments, s);
            bool within = allotment.length > 0 && -valueAfter <= int256(allotment[s]) * 1e8;
            if (!within && valueAfter < valueBefore) return (Verdict.BeyondAllotment, s);
        }
        uint256 grossAfter = grossE16(afterwards, instruments);
        bool grossWithin = grossAfter <= grossLimit * 1e8;
        if (!grossWithin && grossAfter > grossE16(before, instruments)) return (Verdict.BeyondGrossLimit, 0);
    }
}
