// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    Asset,
    IRiskRegistry,
    Instrument,
    InstrumentKind,
    MarginParameters,
    ScenarioSet,
    Underlying
} from "../interfaces/IRiskRegistry.sol";
import {InstrumentId, UnderlyingId} from "../types/Ids.sol";

/// @title Hard bounds on every risk value
/// @notice No timelock and no owner gets past these: a wrong unit or a stray digit is refused, not registered.
library RiskBounds {
    uint256 internal constant MOST_SCENARIOS = 40;
    uint256 internal constant MOST_UNDERLYINGS = 16;

    function checkUnderlying(UnderlyingId id, Underlying calldata value) internal pure {
        _require(UnderlyingId.unwrap(id) != 0, "underlying");
        _require(value.feed != address(0), "feed");
        _require(value.feedDecimals <= 18, "feed decimals");
        _require(value.maxAgeSeconds > 0 && value.maxAgeSeconds <= 7 days, "max age");
    }

    function checkAsset(uint32 eid, address token, Asset calldata value) internal pure {
        _require(eid != 0 && token != address(0), "asset");
        _require(value.haircutBps <= 10_000, "haircut");
        _require(value.decimals <= 24, "asset decimals");
    }

    /// @dev Of an instrument that exists only the charge may change: positions rest on the rest.
    function checkInstrument(InstrumentId id, Instrument memory previous, Instrument calldata value) internal view {
        _require(value.chargeBps <= 1_000, "charge");
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

    function _require(bool within, string memory what) private pure {
        if (!within) revert IRiskRegistry.OutOfBounds(what);
    }
}
