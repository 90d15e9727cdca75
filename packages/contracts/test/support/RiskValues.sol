// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {IRiskRegistry} from "../../src/interfaces/IRiskRegistry.sol";
import {InstrumentId, UnderlyingId} from "../../src/types/Ids.sol";
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
} from "../../src/types/Risk.sol";
import {RiskRegistries} from "./RiskRegistries.sol";

/// @title A risk registry that has been set up, and values within its bounds
abstract contract RiskValues is Test {
    UnderlyingId internal constant BTC = UnderlyingId.wrap("BTC");
    UnderlyingId internal constant USDC = UnderlyingId.wrap("USDC");
    InstrumentId internal constant BTC_PERP = InstrumentId.wrap("BTC-PERP");
    uint32 internal constant TIMELOCK = 2 days;
    uint32 internal constant EID = 30_110;
    uint64 internal constant START = 1_760_100_000;
    uint64 internal constant EXPIRY = START + 10 days;
    uint64 internal constant DEPTH = 1e6 * 1e8;
    address internal constant TOKEN = address(0x70);
    address internal constant MARKET = address(0x3a);

    IRiskRegistry internal registry;

    function setUpRegistry() internal {
        vm.warp(START);
        registry = RiskRegistries.create(address(this), TIMELOCK);
        registry.setUnderlying(BTC, _underlying(address(1), 8, 1 hours));
        registry.setUnderlying(USDC, _underlying(address(2), 8, 1 days));
        registry.setScenarioSet(_scenarios(3));
        registry.setAsset(EID, TOKEN, Asset(USDC, 200, 6, DEPTH));
        registry.setInstrument(BTC_PERP, _perpetual(5));
        registry.setConsumer(EID, MARKET, true);
        registry.setMarginParameters(_margin());
        registry.setExpiry(BTC, EXPIRY, _terms());
        registry.setVolatilityPolicy(BTC, _policy());
    }

    function _call(bytes memory change) internal {
        (bool success,) = address(registry).call(change);
        assertTrue(success);
    }

    function _expectOutOfBounds(string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.OutOfBounds.selector, what));
    }

    function _underlying(address feed, uint8 decimals, uint32 maxAge) internal pure returns (Underlying memory) {
        return Underlying(feed, decimals, maxAge / 2, maxAge, 2 * maxAge, 20_000, DEPTH);
    }

    function _perpetual(uint16 chargeBps) internal pure returns (Instrument memory) {
        return Instrument(InstrumentKind.Perpetual, BTC, 1e8, 0, 0, chargeBps, 0, 0, 0);
    }

    function _option(uint64 expiry) internal pure returns (Instrument memory) {
        return Instrument(InstrumentKind.Put, BTC, 1e8, 100_000e8, expiry, 10, 50, 100, 200);
    }

    function _policy() internal pure returns (VolatilityPolicy memory) {
        return VolatilityPolicy(500_000, 300_000, 7_000, 40_000, 10_000, 25);
    }

    function _terms() internal pure returns (ExpiryTerms memory) {
        return ExpiryTerms(3e6, 4e6, 6e7, -5e7, 3e8);
    }

    function _funding() internal pure returns (Funding memory) {
        return Funding(75, 8 hours, 500);
    }

    function _margin() internal pure returns (MarginParameters memory) {
        return MarginParameters(7_000, 500, 300, 10, 300);
    }

    function _scenarios(uint256 rows) internal pure returns (ScenarioSet memory set) {
        set.underlyings = new UnderlyingId[](2);
        (set.underlyings[0], set.underlyings[1]) = (BTC, USDC);
        set.priceShocksBps = new int32[](2 * rows);
        set.volatilityShocksBps = new int32[](2 * rows);
        for (uint256 i = 2; i < 2 * rows; ++i) {
            set.priceShocksBps[i] = -int32(int256(i)) * 100;
            set.volatilityShocksBps[i] = int32(int256(i)) * 100;
        }
    }
}
