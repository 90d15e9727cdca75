// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IRiskRegistry} from "../src/interfaces/IRiskRegistry.sol";
import {InstrumentId, UnderlyingId} from "../src/types/Ids.sol";
import {
    Asset,
    ExpiryTerms,
    Funding,
    Instrument,
    InstrumentKind,
    Underlying,
    VolatilityPolicy
} from "../src/types/Risk.sol";
import {RiskValues} from "./support/RiskValues.sol";

/// @dev Dated instruments, volatility and funding in the registry, and what becomes of a queued change.
contract RiskTimelockTest is RiskValues {
    InstrumentId private constant BTC_PUT = InstrumentId.wrap("BTC-100K-P");

    function setUp() public {
        setUpRegistry();
        registry.setInstrument(BTC_PUT, _option(EXPIRY));
        registry.setFunding(BTC_PERP, _funding());
    }

    /// @dev Whoever tightens need not remember what is queued: a loosening of the same value is void.
    function test_execute_error_supersededByALaterTightening() public {
        registry.seal();
        bytes memory loosening = abi.encodeCall(registry.setAsset, (EID, TOKEN, Asset(USDC, 100, 6, DEPTH)));
        bytes memory elsewhere = abi.encodeCall(registry.setAsset, (EID, MARKET, Asset(USDC, 100, 6, DEPTH)));
        _call(loosening);
        _call(elsewhere);
        registry.setAsset(EID, TOKEN, Asset(USDC, 5_000, 6, DEPTH));
        vm.warp(block.timestamp + TIMELOCK);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.Superseded.selector, keccak256(loosening)));
        registry.execute(loosening);
        assertEq(registry.asset(EID, TOKEN).haircutBps, 5_000);
        // Another asset's is not touched by it.
        registry.execute(elsewhere);
        // Queued anew it waits anew.
        _call(loosening);
        vm.warp(block.timestamp + TIMELOCK);
        registry.execute(loosening);
        assertEq(registry.asset(EID, TOKEN).haircutBps, 100);
    }

    /// @dev Two loosenings of one value, queued side by side: the first that is executed voids the other.
    function test_execute_error_supersededByAnotherLoosening() public {
        registry.seal();
        bytes memory first = abi.encodeCall(registry.setAsset, (EID, TOKEN, Asset(USDC, 150, 6, DEPTH)));
        bytes memory second = abi.encodeCall(registry.setAsset, (EID, TOKEN, Asset(USDC, 100, 6, DEPTH)));
        _call(first);
        _call(second);
        vm.warp(block.timestamp + TIMELOCK);
        registry.execute(first);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.Superseded.selector, keccak256(second)));
        registry.execute(second);
    }

    function test_execute_error_lapsed() public {
        registry.seal();
        bytes memory change = abi.encodeCall(registry.setVault, (EID, TOKEN));
        _call(change);
        uint64 end = uint64(block.timestamp) + TIMELOCK + 14 days;
        vm.warp(end);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.Lapsed.selector, end));
        registry.execute(change);
        vm.warp(end - 1);
        registry.execute(change);
        assertEq(registry.vault(EID), TOKEN);
    }

    /// @dev Each value alone, one step tighter: at once.
    function testFuzz_sealed_tighteningIsImmediate(uint256 which) public {
        registry.seal();
        uint32 version = registry.version();
        _call(_changed(bound(which, 0, 18), true));
        assertEq(registry.version(), version + 1);
    }

    /// @dev Each value alone, one step looser: only after the timelock.
    function testFuzz_sealed_looseningWaits(uint256 which) public {
        registry.seal();
        uint32 version = registry.version();
        bytes memory change = _changed(bound(which, 0, 18), false);
        _call(change);
        assertEq(registry.version(), version);
        assertEq(registry.eta(keccak256(change)), block.timestamp + TIMELOCK);
        vm.warp(block.timestamp + TIMELOCK);
        registry.execute(change);
        assertEq(registry.version(), version + 1);
    }

    /// @dev What is new waits, however tight it is.
    function test_sealed_newValuesWait() public {
        registry.seal();
        uint32 version = registry.version();
        registry.setVolatilityPolicy(USDC, _policy());
        registry.setExpiry(BTC, EXPIRY + 1 days, _terms());
        registry.setInstrument(InstrumentId.wrap("BTC-110K-P"), _option(EXPIRY));
        assertEq(registry.version(), version);
    }

    /// @dev Marks follow the market by small steps, an hour apart; a larger move waits.
    function testFuzz_sealed_marksMoveBySmallSteps(int64 rate, uint64 level, int64 skew, uint64 curvature) public {
        registry.seal();
        ExpiryTerms memory terms = _terms();
        terms.basisRate = int64(bound(rate, 3e6 - 1e6, 3e6 + 1e6));
        terms.discountRate = terms.basisRate + 1e6;
        terms.atTheMoney = uint64(bound(level, 6e7 - 6e6, 6e7 + 6e6));
        terms.skew = int64(bound(skew, -5e7 - 1e7, -5e7 + 1e7));
        terms.curvature = uint64(bound(curvature, 3e8 - 4e7, 3e8 + 4e7));
        uint32 version = registry.version();
        registry.setExpiry(BTC, EXPIRY, terms);
        assertEq(registry.version(), version, "within the hour");
        vm.warp(block.timestamp + 1 hours);
        registry.setExpiry(BTC, EXPIRY, terms);
        assertEq(registry.version(), version + 1);
        assertEq(registry.expiry(BTC, EXPIRY).atTheMoney, terms.atTheMoney);
    }

    function testFuzz_sealed_largerMovesOfMarksWait(uint256 which, bool up) public {
        registry.seal();
        vm.warp(block.timestamp + 1 hours);
        ExpiryTerms memory terms = _terms();
        which = bound(which, 0, 5);
        int64 sign = up ? int64(1) : int64(-1);
        if (which == 0) terms.basisRate += sign * (1e6 + 1);
        if (which == 1) terms.discountRate += sign * (1e6 + 1);
        if (which == 2) terms.atTheMoney = up ? 6e7 + 6e6 + 1 : 6e7 - 6e6 - 1;
        if (which == 3) terms.skew += sign * (1e7 + 1);
        if (which == 4) terms.curvature = up ? 3e8 + 4e7 + 1 : 3e8 - 4e7 - 1;
        if (which == 5) (terms.atTheMoney, terms.skew, terms.curvature) = (0, 0, 0);
        uint32 version = registry.version();
        registry.setExpiry(BTC, EXPIRY, terms);
        assertEq(registry.version(), version);
    }

    function test_setInstrument_error_unknownExpiry() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.UnknownExpiry.selector, BTC, EXPIRY + 1));
        registry.setInstrument(InstrumentId.wrap("X"), _option(EXPIRY + 1));
        // Without a smile there are futures and no options.
        registry.setExpiry(BTC, EXPIRY + 1, ExpiryTerms(0, 0, 0, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.UnknownExpiry.selector, BTC, EXPIRY + 1));
        registry.setInstrument(InstrumentId.wrap("X"), _option(EXPIRY + 1));
        Instrument memory dated = _option(EXPIRY + 1);
        (dated.kind, dated.strike, dated.shortMinimumBps) = (InstrumentKind.Future, 0, 0);
        registry.setInstrument(InstrumentId.wrap("X"), dated);
    }

    function test_setExpiry_error_notOnceItHasPassed() public {
        vm.warp(EXPIRY - 1);
        registry.setExpiry(BTC, EXPIRY, _terms());
        vm.warp(EXPIRY);
        _expectOutOfBounds("expiry");
        registry.setExpiry(BTC, EXPIRY, _terms());
        // An instrument's charges can still change.
        registry.setInstrument(BTC_PUT, _option(EXPIRY));
    }

    function test_setFunding_error() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.UnknownInstrument.selector, InstrumentId.wrap("X")));
        registry.setFunding(InstrumentId.wrap("X"), _funding());
        _expectOutOfBounds("funding of a dated instrument");
        registry.setFunding(BTC_PUT, _funding());
        _expectOutOfBounds("funding cap");
        registry.setFunding(BTC_PERP, Funding(1_001, 8 hours, 0));
        _expectOutOfBounds("funding window");
        registry.setFunding(BTC_PERP, Funding(1, 59, 0));
        _expectOutOfBounds("turnover");
        registry.setFunding(BTC_PERP, Funding(1, 60, 10_001));
    }

    function test_error_bounds() public {
        Underlying memory value = _underlying(address(1), 8, 1 hours);
        value.lastSeconds = 1 hours - 1;
        _expectOutOfBounds("last age");
        registry.setUnderlying(BTC, value);
        value = _underlying(address(1), 8, 1 hours);
        value.freshSeconds = 1 hours;
        _expectOutOfBounds("max age");
        registry.setUnderlying(BTC, value);
        value = _underlying(address(1), 8, 1 hours);
        value.widestBps = 9_999;
        _expectOutOfBounds("widest");
        registry.setUnderlying(BTC, value);
        value.widestBps = 10_000;
        value.depth = 0;
        _expectOutOfBounds("depth");
        registry.setUnderlying(BTC, value);
        _expectOutOfBounds("depth");
        registry.setAsset(EID, TOKEN, Asset(USDC, 200, 6, 0));
        Instrument memory perpetual = _perpetual(5);
        perpetual.shortMinimumBps = 1;
        _expectOutOfBounds("short minimum");
        registry.setInstrument(InstrumentId.wrap("X"), perpetual);
        perpetual = _perpetual(5);
        perpetual.mostBasisBps = 1;
        _expectOutOfBounds("basis charge");
        registry.setInstrument(InstrumentId.wrap("X"), perpetual);
    }

    function test_setVolatilityPolicy_error_bounds() public {
        VolatilityPolicy memory policy = _policy();
        policy.referenceVolatility = 1e4 - 1;
        _expectOutOfBounds("reference volatility");
        registry.setVolatilityPolicy(BTC, policy);
        (policy.referenceVolatility, policy.stressedVolatility) = (1e4, 1e8 + 1);
        _expectOutOfBounds("stressed volatility");
        registry.setVolatilityPolicy(BTC, policy);
        (policy.stressedVolatility, policy.floorBps) = (0, 10_001);
        _expectOutOfBounds("floor");
        registry.setVolatilityPolicy(BTC, policy);
        (policy.floorBps, policy.capBps) = (1_000, 9_999);
        _expectOutOfBounds("cap");
        registry.setVolatilityPolicy(BTC, policy);
        (policy.capBps, policy.mostUpBps) = (10_000, 99);
        _expectOutOfBounds("step up");
        registry.setVolatilityPolicy(BTC, policy);
        (policy.mostUpBps, policy.mostDownBps) = (100, 0);
        _expectOutOfBounds("step down");
        registry.setVolatilityPolicy(BTC, policy);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.UnknownUnderlying.selector, UnderlyingId.wrap("X")));
        registry.setVolatilityPolicy(UnderlyingId.wrap("X"), _policy());
    }

    function testFuzz_setExpiry_error_bounds(uint256 which, bool negative) public {
        ExpiryTerms memory terms = _terms();
        which = bound(which, 0, 5);
        int64 sign = negative ? int64(-1) : int64(1);
        string[6] memory what = ["basis rate", "discount rate", "volatility", "smile", "smile", "smile"];
        if (which == 0) terms.basisRate = sign * (5e7 + 1);
        if (which == 1) terms.discountRate = sign * (5e7 + 1);
        if (which == 2) terms.atTheMoney = negative ? 1e6 - 1 : 5e8 + 1;
        if (which == 3) terms.skew = sign * (1e9 + 1);
        if (which == 4) terms.curvature = negative ? 0 : 1e10 + 1;
        if (which == 5) terms.atTheMoney = 0;
        _expectOutOfBounds(what[which]);
        registry.setExpiry(BTC, EXPIRY, terms);
        _expectOutOfBounds("expiry");
        registry.setExpiry(BTC, uint64(block.timestamp) + 1825 days + 1, _terms());
    }

    function test_views() public view {
        assertEq(registry.expiry(BTC, EXPIRY).curvature, 3e8);
        assertEq(registry.volatilityPolicy(BTC).capBps, 40_000);
        assertEq(registry.funding(BTC_PERP).windowSeconds, 8 hours);
        assertEq(registry.instrument(BTC_PUT).shortMinimumBps, 200);
    }

    /// @dev One field of one value, by one digit: tighter or looser.
    function _changed(uint256 which, bool tighter) private view returns (bytes memory) {
        if (which < 5) {
            Underlying memory value = registry.underlying(BTC);
            if (which == 0) value.freshSeconds = tighter ? value.freshSeconds - 1 : value.freshSeconds + 1;
            if (which == 1) value.maxAgeSeconds = tighter ? value.maxAgeSeconds - 1 : value.maxAgeSeconds + 1;
            if (which == 2) value.lastSeconds = tighter ? value.lastSeconds - 1 : value.lastSeconds + 1;
            if (which == 3) value.widestBps = tighter ? value.widestBps + 1 : value.widestBps - 1;
            if (which == 4) value.depth = tighter ? value.depth - 1 : value.depth + 1;
            return abi.encodeCall(registry.setUnderlying, (BTC, value));
        }
        if (which < 11) {
            VolatilityPolicy memory value = _policy();
            if (which == 5) value.referenceVolatility = tighter ? 499_999 : 500_001;
            if (which == 6) value.stressedVolatility = tighter ? 300_001 : 299_999;
            if (which == 7) value.floorBps = tighter ? 7_001 : 6_999;
            if (which == 8) value.capBps = tighter ? 40_001 : 39_999;
            if (which == 9) value.mostUpBps = tighter ? 10_001 : 9_999;
            if (which == 10) value.mostDownBps = tighter ? 24 : 26;
            return abi.encodeCall(registry.setVolatilityPolicy, (BTC, value));
        }
        if (which < 15) {
            Instrument memory value = _option(EXPIRY);
            if (which == 11) value.chargeBps = tighter ? 11 : 9;
            if (which == 12) value.basisBpsAYear = tighter ? 51 : 49;
            if (which == 13) value.mostBasisBps = tighter ? 101 : 99;
            if (which == 14) value.shortMinimumBps = tighter ? 201 : 199;
            return abi.encodeCall(registry.setInstrument, (BTC_PUT, value));
        }
        if (which < 17) {
            Asset memory value = Asset(USDC, 200, 6, DEPTH);
            if (which == 15) value.haircutBps = tighter ? 201 : 199;
            if (which == 16) value.depth = tighter ? DEPTH - 1 : DEPTH + 1;
            return abi.encodeCall(registry.setAsset, (EID, TOKEN, value));
        }
        Funding memory funding = _funding();
        if (which == 17) funding.capBps = tighter ? 74 : 76;
        if (which == 18) funding.turnoverBps = tighter ? 501 : 499;
        return abi.encodeCall(registry.setFunding, (BTC_PERP, funding));
    }
}
