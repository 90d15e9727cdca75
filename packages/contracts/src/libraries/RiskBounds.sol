// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IRiskRegistry} from "../interfaces/IRiskRegistry.sol";
import {InstrumentId, UnderlyingId} from "../types/Ids.sol";
import {
    Asset,
    ExpiryTerms,
    Funding,
    Instrument,
    InstrumentKind,
    MarginParameters,
    ScenarioSet,
    Underlying,
    VolatilityPolicy
} from "../types/Risk.sol";

/// @title Hard bounds on every risk value
/// @notice No timelock and no owner gets past these: a wrong unit or a stray digit is refused, not registered.
library RiskBounds {
    uint256 internal constant MOST_SCENARIOS = 40;
    uint256 internal constant MOST_UNDERLYINGS = 16;

    function checkUnderlying(UnderlyingId id, Underlying calldata value) internal pure {
        _require(UnderlyingId.unwrap(id) != 0, "underlying");
        _require(value.feed != address(0), "feed");
        _require(value.feedDecimals <= 18, "feed decimals");
        _require(value.maxAgeSeconds > value.freshSeconds && value.maxAgeSeconds <= 7 days, "max age");
        _require(value.lastSeconds >= value.maxAgeSeconds && value.lastSeconds <= 30 days, "last age");
        _require(value.widestBps >= 10_000 && value.widestBps <= 100_000, "widest");
        _require(value.depth > 0, "depth");
    }

    function checkVolatilityPolicy(VolatilityPolicy calldata value) internal pure {
        _require(value.referenceVolatility >= 1e4 && value.referenceVolatility <= 1e8, "reference volatility");
        _require(value.stressedVolatility <= 1e8, "stressed volatility");
        _require(value.floorBps >= 1_000 && value.floorBps <= 10_000, "floor");
        _require(value.capBps >= 10_000 && value.capBps <= 100_000, "cap");
        _require(value.mostUpBps >= 100 && value.mostUpBps <= 100_000, "step up");
        _require(value.mostDownBps > 0 && value.mostDownBps <= 10_000, "step down");
    }

    /// @dev Wide enough for any market, narrow enough that both pricers keep their bounds.
    function checkExpiry(uint64 expiry, ExpiryTerms calldata value) internal view {
        _require(expiry > block.timestamp && expiry <= block.timestamp + 1825 days, "expiry");
        _require(_within(value.basisRate, 5e7), "basis rate");
        _require(_within(value.discountRate, 5e7), "discount rate");
        if (value.atTheMoney == 0) {
            _require(value.skew == 0 && value.curvature == 0, "smile");
        } else {
            _require(value.atTheMoney >= 1e6 && value.atTheMoney <= 5e8, "volatility");
            _require(_within(value.skew, 1e9) && value.curvature > 0 && value.curvature <= 1e10, "smile");
        }
    }

    function checkFunding(Instrument memory funded, Funding calldata value) internal pure {
        _require(funded.kind == InstrumentKind.Perpetual, "funding of a dated instrument");
        _require(value.capBps <= 1_000, "funding cap");
        _require(value.windowSeconds >= 1 minutes && value.windowSeconds <= 7 days, "funding window");
        _require(value.turnoverBps <= 10_000, "turnover");
    }

    function checkAsset(uint32 eid, address token, Asset calldata value) internal pure {
        _require(eid != 0 && token != address(0), "asset");
        _require(value.haircutBps <= 10_000, "haircut");
        _require(value.decimals <= 24, "asset decimals");
        _require(value.depth > 0, "depth");
    }

    /// @dev Of an instrument that exists only the charges may change: positions rest on the rest.
    function checkInstrument(InstrumentId id, Instrument memory previous, Instrument calldata value) internal view {
        _require(value.chargeBps <= 1_000, "charge");
        _require(value.basisBpsAYear <= 5_000 && value.mostBasisBps <= 1_000, "basis charge");
        _require(value.shortMinimumBps <= 2_000, "short minimum");
        if (previous.multiplier != 0) {
            if (
                previous.kind != value.kind
                    || UnderlyingId.unwrap(previous.underlying) != UnderlyingId.unwrap(value.underlying)
                    || previous.multiplier != value.multiplier || previous.strike != value.strike
                    || previous.expiry != value.expiry
            ) revert IRiskRegistry.InstrumentIsImmutable(id);
            return;
        }
        bool isOption = value.kind == InstrumentKind.Call || value.kind == InstrumentKind.Put;
        bool isPerpetual = value.kind == InstrumentKind.Perpetual;
        _require(InstrumentId.unwrap(id) != 0, "instrument");
        _require(value.multiplier > 0 && value.multiplier <= 1e6 * 1e8, "multiplier");
        _require(isOption ? value.strike > 0 && value.strike <= 1e9 * 1e8 : value.strike == 0, "strike");
        _require(isPerpetual ? value.expiry == 0 : value.expiry > block.timestamp, "expiry");
        _require(isOption || value.shortMinimumBps == 0, "short minimum");
        _require(!isPerpetual || (value.basisBpsAYear == 0 && value.mostBasisBps == 0), "basis charge");
    }

    function checkScenarioSet(ScenarioSet calldata value) internal pure {
        uint256 columns = value.underlyings.length;
        uint256 cells = value.priceShocksBps.length;
        _require(columns > 0 && columns <= MOST_UNDERLYINGS, "scenario columns");
        _require(cells > 0 && cells % columns == 0 && cells / columns <= MOST_SCENARIOS, "scenario rows");
        _require(value.volatilityShocksBps.length == cells, "scenario cells");
        for (uint256 i = 1; i < columns; ++i) {
            for (uint256 j; j < i; ++j) {
                _require(
                    UnderlyingId.unwrap(value.underlyings[i]) != UnderlyingId.unwrap(value.underlyings[j]),
                    "scenario columns"
                );
            }
        }
        for (uint256 i; i < cells; ++i) {
            (int32 price, int32 volatility) = (value.priceShocksBps[i], value.volatilityShocksBps[i]);
            _require(i >= columns || (price == 0 && volatility == 0), "base scenario");
            _require(price > -10_000 && price <= 50_000, "price shock");
            _require(volatility > -10_000 && volatility <= 100_000, "volatility shock");
        }
    }

    function checkMarginParameters(MarginParameters calldata value) internal pure {
        _require(value.maintenanceBps > 0 && value.maintenanceBps <= 10_000, "maintenance");
        _require(value.bufferBps <= 9_000, "buffer");
        _require(value.stickyBps <= 5_000, "sticky");
        _require(value.maxLeverage > 0 && value.maxLeverage <= 200, "leverage");
        _require(
            value.attestationLifetimeSeconds >= 10 && value.attestationLifetimeSeconds <= 1 days, "attestation lifetime"
        );
    }

    function _within(int64 value, int64 most) private pure returns (bool) {
        return value <= most && value >= -most;
    }

    function _require(bool within, string memory what) private pure {
        if (!within) revert IRiskRegistry.OutOfBounds(what);
    }
}
