// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDerivativeMarket} from "../src/interfaces/IDerivativeMarket.sol";
import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {IMarketLiquidation} from "../src/interfaces/IMarketLiquidation.sol";
import {ISignedOrders} from "../src/interfaces/ISignedOrders.sol";
import {PortfolioChange} from "../src/libraries/PortfolioDraft.sol";
import {AccountId} from "../src/types/Ids.sol";
import {AccountLeaf, AccountStatus} from "../src/types/Leaves.sol";
import {LiquidationChain} from "./support/LiquidationChain.sol";

/// @dev Alice is long 20 BTC at 100, so she loses 400 if they fall by a fifth; carol is short. Bob is a liquidator.
contract MarketAuctionsTest is LiquidationChain {
    function setUp() public {
        setUpLiquidation();
        open(alice, carol, BTC, 20e8);
    }

    function test_startAuction() public {
        _liquidatable(500, [int64(400), 400, 400]);
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.AuctionStarted(alice, lastEpoch, uint64(block.timestamp));
        liquidation.startAuction(alice, proofs());
        assertEq(liquidation.auctionOf(alice).startedAt, block.timestamp);
        assertEq(liquidation.auctionOf(alice).epoch, lastEpoch);
        assertEq(liquidation.discountRate(alice), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IMarketLiquidation.AuctionUnderWay.selector, alice, uint64(block.timestamp))
        );
        liquidation.startAuction(alice, proofs());
    }

    function testFuzz_startAuction_error_notLiquidatable(uint8 status) public {
        status = uint8(bound(status, 0, 2));
        says(alice, AccountStatus(status == 2 ? 3 : status), 500, [int64(0), 0, 0]);
        publishNext();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NotLiquidatable.selector, alice));
        liquidation.startAuction(alice, proofs());
    }

    function test_startAuction_error_expired() public {
        _liquidatable(500, [int64(400), 400, 400]);
        vm.warp(block.timestamp + LIFETIME_SECONDS);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.EpochExpired.selector, lastEpoch));
        liquidation.startAuction(alice, proofs());
    }

    function test_startAuction_error_unproven() public {
        _liquidatable(500, [int64(400), 400, 400]);
        MarginProofs memory altered = proofs();
        altered.accounts[0].grossLimit += 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.InvalidMarginProof.selector, lastEpoch));
        liquidation.startAuction(alice, altered);
    }

    /// @dev No leaf, or one that speaks of another consumer.
    function test_startAuction_error_noLeaf() public {
        _liquidatable(500, [int64(400), 400, 400]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.MissingAccount.selector, dave));
        liquidation.startAuction(dave, proofs());
        AccountLeaf[] memory elsewhere = new AccountLeaf[](1);
        elsewhere[0] = accountLeaf(alice, address(this), 0, 3);
        elsewhere[0].status = AccountStatus.Liquidatable;
        MarginProofs memory others = publish(bothInstruments(), elsewhere);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.MissingAccount.selector, alice));
        liquidation.startAuction(alice, others);
    }

    /// @dev The discount grows for five minutes; after half an hour the auction is void and has to be started anew.
    function testFuzz_discountRate(uint256 elapsed) public {
        _auction(500, [int64(400), 400, 400]);
        elapsed = bound(elapsed, 0, 1_800);
        vm.warp(block.timestamp + elapsed);
        assertEq(liquidation.discountRate(alice), 0.2e18 * (elapsed < 300 ? elapsed : 300) / 300);
        vm.warp(block.timestamp + 1_801 - elapsed);
        assertEq(liquidation.discountRate(alice), 0);
        _liquidatable(500, [int64(400), 400, 400]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NoAuction.selector, alice));
        _liquidate(0.5e18, 0);
        liquidation.startAuction(alice, proofs());
        assertEq(liquidation.auctionOf(alice).startedAt, block.timestamp);
    }

    function test_endAuction() public {
        _auction(500, [int64(400), 400, 400]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.StillLiquidatable.selector, alice));
        liquidation.endAuction(alice, proofs());
        resetEpoch();
        insolvent(alice, 0);
        publishNext();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.StillLiquidatable.selector, alice));
        liquidation.endAuction(alice, proofs());
        resetEpoch();
        active(alice, 1_000);
        publishNext();
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.AuctionEnded(alice);
        liquidation.endAuction(alice, proofs());
        assertEq(liquidation.auctionOf(alice).startedAt, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NoAuction.selector, alice));
        liquidation.endAuction(alice, proofs());
    }

    /// @dev Half of it risks 200 from mark; after 150 seconds a taker is offered a tenth of that.
    function test_liquidate() public {
        _auction(1_000, [int64(1_000), 1_000, 1_000]);
        vm.warp(block.timestamp + 150);
        assertEq(liquidation.quote(alice, 0.5e18, proofs()), 20e8);
        vm.expectEmit(address(market));
        emit IMarginConsumer.PortfolioChanged(alice, BTC, 10e8, -1_020e8);
        vm.expectEmit(address(market));
        emit IMarginConsumer.PortfolioChanged(bob, BTC, 10e8, -980e8);
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.Liquidated(alice, bob, 0.5e18, 20e8);
        assertEq(_liquidate(0.5e18, 20e8), 20e8);
        assertEq(market.cash(alice) + market.cash(bob) + market.cash(carol), 0);
    }

    /// @dev She may lose three dollars at mark, so three are all that she pays, whatever the clock says.
    function test_liquidate_discountIsClampedToTheAllotment() public {
        _auction(1_000, [int64(3), 1_000, 1_000]);
        vm.warp(block.timestamp + 299);
        assertEq(_liquidate(0.5e18, 0), 3e8);
        assertEq(market.cash(alice), -1_003e8);
    }

    /// @dev Beyond her allotment in the scenario that binds, she ends no worse there than she was.
    function test_liquidate_neverWorseInTheBindingScenario() public {
        _auction(1_960, [int64(1_000), 1_000, 100]);
        vm.warp(block.timestamp + 299);
        // 2 % sold lowers the loss of 400 there by 8: not quite a fifth of that is well within it.
        assertEq(_liquidate(0.02e18, 0), 159_466_666);
        assertEq(market.position(alice, BTC), 19.6e8);
    }

    /// @dev Another chain needs 300 of what she gains if prices rise; of half her position she would gain 200.
    function test_liquidate_error_fractionTooLarge() public {
        _auction(0, [int64(1_000), -300, 1_000]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.FractionTooLarge.selector, alice, 1, 100e8));
        _liquidate(0.5e18, 0);
        _liquidate(0.25e18, 0);
    }

    function test_liquidate_error_belowTarget() public {
        _auction(1_200, [int64(1_000), 1_000, 1_000]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.BelowTarget.selector, alice, 1_199e8, 1_200e8));
        _liquidate(0.4005e18, 0);
        _liquidate(0.4e18, 0);
        vm.expectPartialRevert(IMarketLiquidation.BelowTarget.selector);
        _liquidate(0.001e18, 0);
    }

    /// @dev A thousand dollars of notional can be sold whole, whatever the target.
    function test_liquidate_dustIsClosedWhole() public {
        _auction(1_000, [int64(1_000), 1_000, 1_000]);
        _liquidate(0.5e18, 0);
        _liquidatable(999, [int64(1_000), 1_000, 1_000]);
        _liquidate(ALL, 0);
        assertEq(market.position(alice, BTC), 0);
    }

    /// @dev What may only shrink nobody else can take over; the rest goes.
    function test_liquidate_leavesReduceOnlyInstruments() public {
        open(alice, carol, ETH, 10e8);
        reduceOnly(1);
        _auction(0, [int64(1_000), 1_000, 1_000]);
        _liquidate(ALL, 0);
        assertEq(market.position(alice, BTC), 0);
        assertEq(market.position(alice, ETH), 10e8);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NothingToMove.selector, alice));
        _liquidate(ALL, 0);
    }

    /// @dev A short pays the taker for taking it, rounded in the account's favour.
    function test_liquidate_short() public {
        says(carol, AccountStatus.Liquidatable, 0, [int64(10_000), 10_000, 10_000]);
        active(bob, 10_000);
        mark(BTC_MARK + 1);
        publishNext();
        liquidation.startAuction(carol, proofs());
        vm.prank(bob.ownerOf());
        liquidation.liquidate(carol, bob, 0.333333333333333333e18, 0, proofs());
        int256 moved = -6.66666666e8;
        assertEq(market.position(bob, BTC), moved);
        assertEq(market.cash(bob), 66_666_666_606, "666.66666606 and two thirds of a digit");
        assertEq(market.cash(alice) + market.cash(bob) + market.cash(carol), 0);
    }

    function test_liquidate_byADelegate() public {
        _auction(0, [int64(1_000), 1_000, 1_000]);
        vm.prank(bob.ownerOf());
        market.setDelegate(bob, address(this), uint64(block.timestamp) + 1);
        liquidation.liquidate(alice, bob, ALL, 0, proofs());
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.NotAllowedToTrade.selector, bob, address(this)));
        liquidation.liquidate(alice, bob, ALL, 0, proofs());
    }

    function test_liquidate_error_takersAllotment() public {
        says(alice, AccountStatus.Liquidatable, 0, [int64(1_000), 1_000, 1_000]);
        active(bob, 399);
        publishNext();
        liquidation.startAuction(alice, proofs());
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, bob, 2, 1e8));
        _liquidate(ALL, 0);
    }

    /// @dev What an insolvent account may be left owing is not its owner's to spend.
    function test_liquidate_error_insolventTaker() public {
        says(alice, AccountStatus.Liquidatable, 0, [int64(1_000), 1_000, 1_000]);
        insolvent(bob, 10_000);
        publishNext();
        liquidation.startAuction(alice, proofs());
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OnlyReductionsAllowed.selector, bob, 2));
        _liquidate(ALL, 0);
    }

    function test_liquidate_error_discountTooSmall() public {
        _auction(0, [int64(1_000), 1_000, 1_000]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.DiscountTooSmall.selector, 0, 1));
        _liquidate(ALL, 1);
    }

    function testFuzz_liquidate_error_fractionOutOfBounds(uint64 fraction) public {
        vm.assume(fraction == 0 || fraction > ALL);
        _auction(0, [int64(1_000), 1_000, 1_000]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.FractionOutOfBounds.selector, fraction));
        _liquidate(fraction, 0);
    }

    function test_liquidate_error_recovered() public {
        _auction(0, [int64(1_000), 1_000, 1_000]);
        resetEpoch();
        active(alice, 1_000);
        active(bob, 1_000);
        publishNext();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NotLiquidatable.selector, alice));
        _liquidate(ALL, 0);
    }

    function test_liquidate_error_toItself() public {
        _auction(0, [int64(1_000), 1_000, 1_000]);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.OwnTaker.selector, alice));
        vm.prank(alice.ownerOf());
        liquidation.liquidate(alice, alice, ALL, 0, proofs());
    }

    function test_liquidate_error_instrumentNotProven() public {
        _auction(0, [int64(1_000), 1_000, 1_000]);
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        accounts[0] = accountLeaf(alice, address(market), PLENTY, 3);
        accounts[0].status = AccountStatus.Liquidatable;
        MarginProofs memory none = publish(bothInstruments(), accounts);
        none.instruments[0].instrument = ETH;
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.MissingInstrument.selector, BTC));
        liquidation.quote(alice, ALL, none);
    }

    function test_changePortfolios_error_onlyLiquidation() public {
        _liquidatable(0, [int64(1_000), 1_000, 1_000]);
        vm.expectRevert(abi.encodeWithSelector(IDerivativeMarket.OnlyLiquidation.selector, address(this)));
        market.changePortfolios(new PortfolioChange[](0), proofs(), alice);
        assertEq(liquidation.market(), address(market));
    }

    function test_portfolioOf() public {
        open(carol, alice, ETH, 3e8);
        (int128 cash,, int128[] memory sizes) = market.portfolioOf(carol);
        assertEq(cash, 1_970e8);
        assertEq(sizes.length, 2);
        assertEq(sizes[0], -20e8);
        assertEq(sizes[1], 3e8);
    }

    /// @dev Whatever her book, her allotments and the clock: each scenario ends within its allotment or no worse, the
    /// target holds, the discount is no more than offered, and all together neither lose nor gain.
    function testFuzz_liquidate(uint128 eth, bool short, int64[3] memory allotment, uint64 fraction, uint256 elapsed)
        public
    {
        eth = uint128(bound(eth, 1, 500e8));
        if (short) open(carol, alice, ETH, eth);
        else open(alice, carol, ETH, eth);
        for (uint256 s; s < 3; ++s) {
            allotment[s] = int64(bound(allotment[s], -500, 1_500));
        }
        fraction = uint64(bound(fraction, 1, ALL));
        uint128 target = uint128(bound(eth, 0, 3_000));
        says(alice, AccountStatus.Liquidatable, target, allotment);
        active(bob, 100_000);
        publishNext();
        liquidation.startAuction(alice, proofs());
        vm.warp(block.timestamp + bound(elapsed, 0, 299));
        int256[3] memory before = _valuesE16(alice);
        uint256 grossBefore = _grossE16(alice);
        vm.prank(bob.ownerOf());
        try liquidation.liquidate(alice, bob, fraction, 0, proofs()) returns (uint128 discount) {
            int256[3] memory afterwards = _valuesE16(alice);
            for (uint256 s; s < 3; ++s) {
                bool within = -afterwards[s] <= int256(allotment[s]) * 1e16;
                assertTrue(within || afterwards[s] >= before[s], "worse in its binding scenario");
            }
            assertTrue(grossBefore <= 1_000e16 || _grossE16(alice) >= uint256(target) * 1e16, "below the target");
            assertLe(discount, liquidation.discountRate(alice) * grossBefore / 5 / 1e26 + 1);
            assertEq(market.cash(alice) + market.cash(bob) + market.cash(carol), 0);
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            assertTrue(
                selector == IMarketLiquidation.FractionTooLarge.selector
                    || selector == IMarketLiquidation.BelowTarget.selector
                    || selector == IMarketLiquidation.NothingToMove.selector
            );
        }
    }

    function _liquidatable(uint128 target, int64[3] memory allotment) private {
        says(alice, AccountStatus.Liquidatable, target, allotment);
        active(bob, 10_000);
        publishNext();
        resetEpoch();
    }

    function _auction(uint128 target, int64[3] memory allotment) private {
        _liquidatable(target, allotment);
        liquidation.startAuction(alice, proofs());
    }

    function _liquidate(uint64 fraction, uint128 leastDiscount) private returns (uint128) {
        MarginProofs memory all = proofs();
        vm.prank(bob.ownerOf());
        return liquidation.liquidate(alice, bob, fraction, leastDiscount, all);
    }

    function _valuesE16(AccountId account) private view returns (int256[3] memory values) {
        (int256 btc, int256 eth) = (market.position(account, BTC), market.position(account, ETH));
        int256 heldE16 = btc * int256(uint256(BTC_MARK)) + eth * int256(uint256(ETH_MARK));
        int256 cashE16 = int256(market.cash(account)) * 1e8;
        return [cashE16 + heldE16, cashE16 + heldE16 * 12 / 10, cashE16 + heldE16 * 8 / 10];
    }

    function _grossE16(AccountId account) private view returns (uint256) {
        (int256 btc, int256 eth) = (market.position(account, BTC), market.position(account, ETH));
        return uint256(btc < 0 ? -btc : btc) * BTC_MARK + uint256(eth < 0 ? -eth : eth) * ETH_MARK;
    }
}
