// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IRiskRegistry} from "../src/interfaces/IRiskRegistry.sol";
import {InstrumentId, UnderlyingId} from "../src/types/Ids.sol";
import {
    Asset,
    Instrument,
    InstrumentKind,
    Listed,
    MarginParameters,
    ScenarioSet,
    Underlying
} from "../src/types/Risk.sol";
import {RiskRegistries} from "./support/RiskRegistries.sol";
import {RiskValues} from "./support/RiskValues.sol";

contract RiskRegistryTest is Test, RiskValues {
    function setUp() public {
        setUpRegistry();
    }

    function test_setup_isFreeUntilSealed() public {
        assertEq(registry.version(), 9);
        vm.expectEmit(address(registry));
        emit IRiskRegistry.AssetSet(EID, TOKEN, Asset(USDC, 100, 6, DEPTH), 10);
        registry.setAsset(EID, TOKEN, Asset(USDC, 100, 6, DEPTH));
        assertEq(registry.asset(EID, TOKEN).haircutBps, 100);
    }

    /// @dev Every asset and consumer, once, with the version that first had it; one that waits is not there yet.
    function test_lists() public {
        registry.setConsumer(EID, MARKET, false);
        registry.setConsumer(EID + 1, MARKET, false);
        registry.setAsset(EID, TOKEN, Asset(USDC, 300, 6, DEPTH));
        registry.seal();
        bytes memory change = abi.encodeCall(registry.setAsset, (EID + 1, TOKEN, Asset(USDC, 200, 6, DEPTH)));
        _call(change);
        assertEq(registry.assets().length, 1);
        vm.warp(block.timestamp + TIMELOCK);
        registry.execute(change);

        Listed[] memory consumers = registry.consumers();
        assertEq(consumers.length, 2);
        assertEq(abi.encode(consumers[0]), abi.encode(Listed(EID, MARKET, 6)));
        assertEq(abi.encode(consumers[1]), abi.encode(Listed(EID + 1, MARKET, 11)));
        Listed[] memory assets = registry.assets();
        assertEq(assets.length, 2);
        assertEq(abi.encode(assets[0]), abi.encode(Listed(EID, TOKEN, 4)));
        assertEq(abi.encode(assets[1]), abi.encode(Listed(EID + 1, TOKEN, 13)));
        assertEq(registry.changedIn(keccak256(abi.encode(registry.setAsset.selector, EID, TOKEN))), 12);
        assertEq(registry.changedIn(keccak256(abi.encode(registry.setAsset.selector, EID, MARKET))), 0);
        assertEq(registry.version(), 13);
    }

    function test_error_notTheOwner() public {
        vm.startPrank(MARKET);
        bytes memory unauthorized = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, MARKET);
        vm.expectRevert(unauthorized);
        registry.setUnderlying(BTC, _underlying(address(1), 8, 1 hours));
        vm.expectRevert(unauthorized);
        registry.setAsset(EID, TOKEN, Asset(USDC, 200, 6, DEPTH));
        vm.expectRevert(unauthorized);
        registry.setInstrument(BTC_PERP, _perpetual(5));
        vm.expectRevert(unauthorized);
        registry.setVault(EID, TOKEN);
        vm.expectRevert(unauthorized);
        registry.setConsumer(EID, MARKET, true);
        vm.expectRevert(unauthorized);
        registry.setScenarioSet(_scenarios(3));
        vm.expectRevert(unauthorized);
        registry.setMarginParameters(_margin());
        vm.expectRevert(unauthorized);
        registry.seal();
        vm.expectRevert(unauthorized);
        registry.cancel(0);
    }

    /// @dev What tightens is applied at once, sealed or not.
    function test_sealed_tighteningIsImmediate() public {
        registry.seal();
        uint32 version = registry.version();
        registry.setUnderlying(BTC, _underlying(address(1), 8, 1 minutes));
        registry.setAsset(EID, TOKEN, Asset(USDC, 201, 6, DEPTH));
        registry.setInstrument(BTC_PERP, _perpetual(6));
        registry.setConsumer(EID, MARKET, false);
        registry.setScenarioSet(_scenarios(4));
        MarginParameters memory margin = _margin();
        (margin.maintenanceBps, margin.bufferBps, margin.maxLeverage, margin.attestationLifetimeSeconds) =
        (7_001, 501, 9, 299);
        registry.setMarginParameters(margin);
        assertEq(registry.version(), version + 6);
        assertFalse(registry.consumerActive(EID, MARKET));
        assertEq(registry.scenarioSet().priceShocksBps.length, 8);
        assertEq(registry.marginParameters().maintenanceBps, 7_001);
    }

    /// @dev What loosens, and whatever is new or unclear, waits.
    function testFuzz_sealed_looseningWaits(uint256 which) public {
        registry.seal();
        bytes memory change = _loosening(bound(which, 0, 15));
        uint32 version = registry.version();
        uint64 eta = uint64(block.timestamp + TIMELOCK);
        vm.expectEmit(address(registry));
        emit IRiskRegistry.ChangeQueued(keccak256(change), change, eta);
        _call(change);
        assertEq(registry.version(), version, "applied at once");

        vm.warp(eta - 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.TooEarly.selector, eta));
        registry.execute(change);
        vm.warp(eta);
        vm.prank(MARKET);
        registry.execute(change);
        assertEq(registry.version(), version + 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.NotQueued.selector, keccak256(change)));
        registry.execute(change);
    }

    function test_cancel() public {
        registry.seal();
        bytes memory change = _loosening(0);
        _call(change);
        vm.expectEmit(address(registry));
        emit IRiskRegistry.ChangeCancelled(keccak256(change));
        registry.cancel(keccak256(change));
        vm.warp(block.timestamp + TIMELOCK);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.NotQueued.selector, keccak256(change)));
        registry.execute(change);
    }

    function test_execute_error_neverQueued() public {
        bytes memory change = abi.encodeCall(Ownable.transferOwnership, (MARKET));
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.NotQueued.selector, keccak256(change)));
        registry.execute(change);
    }

    /// @dev A queued change is checked again when it is executed.
    function test_execute_error_noLongerInBounds() public {
        registry.seal();
        bytes memory change = abi.encodeCall(
            registry.setInstrument,
            (InstrumentId.wrap("BTC-FUT"), Instrument(InstrumentKind.Future, BTC, 1e8, 0, EXPIRY, 5, 0, 0, 0))
        );
        _call(change);
        vm.warp(EXPIRY);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.OutOfBounds.selector, "expiry"));
        registry.execute(change);
    }

    function test_setInstrument_error_immutable() public {
        Instrument memory changed = _perpetual(5);
        changed.multiplier = 2e8;
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.InstrumentIsImmutable.selector, BTC_PERP));
        registry.setInstrument(BTC_PERP, changed);
    }

    function test_setVault_error_immutable() public {
        registry.setVault(EID, TOKEN);
        assertEq(registry.vault(EID), TOKEN);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.VaultIsImmutable.selector, EID));
        registry.setVault(EID, MARKET);
    }

    function test_error_unknownUnderlying() public {
        bytes memory unknown =
            abi.encodeWithSelector(IRiskRegistry.UnknownUnderlying.selector, UnderlyingId.wrap("DOGE"));
        vm.expectRevert(unknown);
        registry.setAsset(EID, MARKET, Asset(UnderlyingId.wrap("DOGE"), 0, 18, DEPTH));
        Instrument memory instrument = _perpetual(5);
        instrument.underlying = UnderlyingId.wrap("DOGE");
        vm.expectRevert(unknown);
        registry.setInstrument(InstrumentId.wrap("DOGE-PERP"), instrument);
        ScenarioSet memory set = _scenarios(3);
        set.underlyings[1] = UnderlyingId.wrap("DOGE");
        vm.expectRevert(unknown);
        registry.setScenarioSet(set);
    }

    /// @dev Once sealed nothing rests on an underlying that no scenario moves.
    function test_sealed_error_underlyingWithoutScenarios() public {
        registry.seal();
        bytes memory change =
            abi.encodeCall(registry.setUnderlying, (UnderlyingId.wrap("ETH"), _underlying(address(3), 8, 1 hours)));
        _call(change);
        vm.warp(block.timestamp + TIMELOCK);
        registry.execute(change);
        Instrument memory instrument = _perpetual(5);
        instrument.underlying = UnderlyingId.wrap("ETH");
        _expectOutOfBounds("underlying without scenarios");
        registry.setInstrument(InstrumentId.wrap("ETH-PERP"), instrument);
        _expectOutOfBounds("scenario columns");
        registry.setScenarioSet(_scenarios(3));
    }

    function test_seal_error_underlyingWithoutScenarios() public {
        registry.setUnderlying(UnderlyingId.wrap("ETH"), _underlying(address(3), 8, 1 hours));
        _expectOutOfBounds("scenario columns");
        registry.seal();
    }

    function test_setScenarioSet_error_bounds() public {
        ScenarioSet memory set = _scenarios(3);
        set.priceShocksBps[1] = 1;
        _expectOutOfBounds("base scenario");
        registry.setScenarioSet(set);
        set = _scenarios(3);
        set.volatilityShocksBps[0] = 1;
        _expectOutOfBounds("base scenario");
        registry.setScenarioSet(set);
        set = _scenarios(3);
        set.priceShocksBps[4] = -10_000;
        _expectOutOfBounds("price shock");
        registry.setScenarioSet(set);
        set = _scenarios(3);
        set.volatilityShocksBps[4] = 100_001;
        _expectOutOfBounds("volatility shock");
        registry.setScenarioSet(set);
        _expectOutOfBounds("scenario rows");
        registry.setScenarioSet(_scenarios(41));
        _expectOutOfBounds("scenario rows");
        registry.setScenarioSet(_scenarios(0));
        set = _scenarios(3);
        set.volatilityShocksBps = new int32[](5);
        _expectOutOfBounds("scenario cells");
        registry.setScenarioSet(set);
        set = _scenarios(3);
        set.underlyings[1] = BTC;
        _expectOutOfBounds("scenario columns");
        registry.setScenarioSet(set);
        registry.setScenarioSet(_scenarios(40));
    }

    function test_error_bounds() public {
        _expectOutOfBounds("feed");
        registry.setUnderlying(BTC, _underlying(address(0), 8, 1 hours));
        _expectOutOfBounds("feed decimals");
        registry.setUnderlying(BTC, _underlying(address(1), 19, 1 hours));
        _expectOutOfBounds("max age");
        registry.setUnderlying(BTC, _underlying(address(1), 8, 0));
        _expectOutOfBounds("haircut");
        registry.setAsset(EID, TOKEN, Asset(USDC, 10_001, 6, DEPTH));
        _expectOutOfBounds("charge");
        registry.setInstrument(BTC_PERP, _perpetual(1_001));
        _expectOutOfBounds("strike");
        registry.setInstrument(InstrumentId.wrap("X"), Instrument(InstrumentKind.Call, BTC, 1e8, 0, 2e9, 0, 0, 0, 0));
        _expectOutOfBounds("strike");
        registry.setInstrument(InstrumentId.wrap("X"), Instrument(InstrumentKind.Future, BTC, 1e8, 1, 2e9, 0, 0, 0, 0));
        _expectOutOfBounds("expiry");
        registry.setInstrument(
            InstrumentId.wrap("X"), Instrument(InstrumentKind.Perpetual, BTC, 1e8, 0, 2e9, 0, 0, 0, 0)
        );
        _expectOutOfBounds("multiplier");
        registry.setInstrument(InstrumentId.wrap("X"), Instrument(InstrumentKind.Perpetual, BTC, 0, 0, 0, 0, 0, 0, 0));
        MarginParameters memory margin = _margin();
        margin.maintenanceBps = 10_001;
        _expectOutOfBounds("maintenance");
        registry.setMarginParameters(margin);
        margin = _margin();
        margin.attestationLifetimeSeconds = 9;
        _expectOutOfBounds("attestation lifetime");
        registry.setMarginParameters(margin);
    }

    function test_views() public view {
        assertEq(registry.underlying(BTC).feed, address(1));
        assertEq(registry.instrument(BTC_PERP).chargeBps, 5);
        assertEq(registry.timelockSeconds(), TIMELOCK);
    }

    function test_error_boundsOfAddresses() public {
        _expectOutOfBounds("vault");
        registry.setVault(0, TOKEN);
        _expectOutOfBounds("vault");
        registry.setVault(EID, address(0));
        _expectOutOfBounds("consumer");
        registry.setConsumer(0, MARKET, true);
        _expectOutOfBounds("consumer");
        registry.setConsumer(EID, address(0), true);
        _expectOutOfBounds("timelock");
        RiskRegistries.create(address(this), 30 days + 1);
    }

    function test_seal_error_incomplete() public {
        IRiskRegistry empty = RiskRegistries.create(address(this), TIMELOCK);
        _expectOutOfBounds("scenario columns");
        empty.seal();
        empty.setUnderlying(BTC, _underlying(address(1), 8, 1 hours));
        empty.setUnderlying(USDC, _underlying(address(2), 8, 1 days));
        empty.setScenarioSet(_scenarios(3));
        _expectOutOfBounds("margin parameters");
        empty.seal();
    }

    function test_cancel_error_notQueued() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.NotQueued.selector, bytes32(uint256(1))));
        registry.cancel(bytes32(uint256(1)));
    }

    /// @dev Other columns, or another volatility in a row that is kept, loosen too.
    function test_sealed_otherScenariosWait() public {
        registry.seal();
        uint32 version = registry.version();
        ScenarioSet memory set = _scenarios(4);
        set.volatilityShocksBps[4] += 1;
        registry.setScenarioSet(set);
        set = _scenarios(4);
        (set.underlyings[0], set.underlyings[1]) = (USDC, BTC);
        registry.setScenarioSet(set);
        assertEq(registry.version(), version);
    }

    function _loosening(uint256 which) private view returns (bytes memory) {
        if (which == 0) return abi.encodeCall(registry.setAsset, (EID, TOKEN, Asset(USDC, 199, 6, DEPTH)));
        if (which == 1) return abi.encodeCall(registry.setAsset, (EID, MARKET, Asset(USDC, 10_000, 6, DEPTH)));
        if (which == 2) return abi.encodeCall(registry.setAsset, (EID, TOKEN, Asset(BTC, 300, 6, DEPTH)));
        if (which == 3) return abi.encodeCall(registry.setAsset, (EID, TOKEN, Asset(USDC, 300, 7, DEPTH)));
        if (which == 4) return abi.encodeCall(registry.setUnderlying, (BTC, _underlying(address(1), 8, 1 hours + 1)));
        if (which == 5) return abi.encodeCall(registry.setUnderlying, (BTC, _underlying(address(9), 8, 1 minutes)));
        if (which == 6) return abi.encodeCall(registry.setInstrument, (BTC_PERP, _perpetual(4)));
        if (which == 7) return abi.encodeCall(registry.setInstrument, (InstrumentId.wrap("BTC-2"), _perpetual(900)));
        if (which == 8) return abi.encodeCall(registry.setVault, (EID, TOKEN));
        if (which == 9) return abi.encodeCall(registry.setConsumer, (EID + 1, MARKET, true));
        if (which == 10) return abi.encodeCall(registry.setScenarioSet, (_scenarios(2)));
        if (which == 11) {
            ScenarioSet memory set = _scenarios(4);
            set.priceShocksBps[4] = -1;
            return abi.encodeCall(registry.setScenarioSet, (set));
        }
        MarginParameters memory margin = _margin();
        if (which == 12) --margin.maintenanceBps;
        if (which == 13) --margin.bufferBps;
        if (which == 14) ++margin.maxLeverage;
        if (which == 15) ++margin.stickyBps;
        return abi.encodeCall(registry.setMarginParameters, (margin));
    }
}
