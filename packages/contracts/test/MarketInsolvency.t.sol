// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {IMarketLiquidation} from "../src/interfaces/IMarketLiquidation.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, DeleverageLeaf} from "../src/types/Leaves.sol";
import {Fill} from "../src/interfaces/IDerivativeMarket.sol";
import {LiquidationChain} from "./support/LiquidationChain.sol";

/// @dev Alice is long 20 BTC at 100 and BTC has fallen to 90: she owes 200, of which her collateral covers 150. Carol is
/// short 15 and dave 5. Bob is the backstop.
contract MarketInsolvencyTest is LiquidationChain {
    function setUp() public {
        setUpLiquidation();
        open(alice, carol, BTC, 15e8);
        open(alice, dave, BTC, 5e8);
        liquidation.nameBackstop(bob);
        vm.prank(bob.ownerOf());
        liquidation.acceptBackstop();
        mark(90e8);
    }

    function test_backstop_isNamedAndAccepts() public {
        assertTrue(liquidation.backstop() == bob);
        liquidation.nameBackstop(carol);
        assertTrue(liquidation.backstop() == bob, "until carol accepts");
        assertTrue(liquidation.namedBackstop() == carol);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NotBackstopOwner.selector, carol, address(this)));
        liquidation.acceptBackstop();
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.BackstopSet(carol);
        vm.prank(carol.ownerOf());
        liquidation.acceptBackstop();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NotBackstopOwner.selector, carol, address(this)));
        liquidation.resignBackstop();
        vm.prank(carol.ownerOf());
        liquidation.resignBackstop();
        assertTrue(liquidation.backstop() == AccountId.wrap(0));
        vm.expectRevert(
            abi.encodeWithSelector(IMarketLiquidation.NotBackstopOwner.selector, AccountId.wrap(0), address(this))
        );
        liquidation.acceptBackstop();
    }

    function test_nameBackstop_zeroEndsIt() public {
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.BackstopSet(AccountId.wrap(0));
        liquidation.nameBackstop(AccountId.wrap(0));
        insolvent(alice, 150);
        publishNext();
        vm.expectRevert(IMarketLiquidation.NoBackstop.selector);
        liquidation.takeOver(alice, ALL, proofs());
    }

    /// @dev Bob takes all at 90 and pays 50 beyond that: she owes what she has.
    function test_takeOver() public {
        insolvent(alice, 150);
        active(bob, 1_000);
        publishNext();
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.TakenOver(alice, bob, ALL, 50e8);
        assertEq(liquidation.takeOver(alice, ALL, proofs()), 50e8);
        assertEq(market.cash(alice), -150e8);
        assertEq(market.position(alice, BTC), 0);
        assertEq(market.position(bob, BTC), 20e8);
        assertEq(market.cash(bob), -1_850e8);
        assertEq(liquidation.backstopLoss(), 50e8);
        assertEq(_cash(), 0);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NothingToMove.selector, alice));
        liquidation.takeOver(alice, ALL, proofs());
    }

    /// @dev Whatever the part, she ends in each scenario within what she may be left owing or no worse; all parts
    /// together cost the backstop no more than the whole, rounding apart.
    function testFuzz_takeOver_inParts(uint64[4] calldata fractions, uint128 eth, bool short) public {
        eth = uint128(bound(eth, 1, 100e8));
        (AccountId buyer, AccountId seller) = short ? (carol, alice) : (alice, carol);
        open(buyer, seller, ETH, eth);
        insolvent(alice, 150);
        active(bob, 100_000);
        publishNext();
        uint256 paid;
        for (uint256 i; i < 4; ++i) {
            paid += liquidation.takeOver(alice, uint64(bound(fractions[i], 0.01e18, ALL / 2)), proofs());
            assertEq(_cash(), 0);
        }
        paid += liquidation.takeOver(alice, ALL, proofs());
        assertGe(market.cash(alice), -150e8);
        assertLe(market.cash(alice), -150e8 + 20);
        assertApproxEqAbs(paid, 50e8, 20);
        assertEq(liquidation.backstopLoss(), paid);
    }

    /// @dev Nothing is left but what she owes.
    function test_takeOver_debtAlone() public {
        insolvent(alice, 200);
        active(bob, 1_000);
        publishNext();
        assertEq(liquidation.takeOver(alice, ALL, proofs()), 0);
        resetEpoch();
        mark(90e8);
        insolvent(alice, 120);
        active(bob, 1_000);
        publishNext();
        assertEq(liquidation.takeOver(alice, ALL, proofs()), 80e8);
        assertEq(market.cash(alice), -120e8);
        assertEq(_cash(), 0);
    }

    function test_takeOver_error_noInstrumentProven() public {
        insolvent(alice, 200);
        active(bob, 1_000);
        publishNext();
        liquidation.takeOver(alice, ALL, proofs());
        resetEpoch();
        unlistAll();
        insolvent(alice, 120);
        active(bob, 1_000);
        publishNext();
        vm.expectRevert(IMarketLiquidation.NoInstrumentProven.selector);
        liquidation.takeOver(alice, ALL, proofs());
    }

    /// @dev The backstop's own allotment is the limit: 200 units at 90, a fifth of them at risk, and 50 to pay.
    function test_takeOver_smallerPart() public {
        insolvent(alice, 150);
        active(bob, 205);
        publishNext();
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, bob, 2, 205e8));
        liquidation.takeOver(alice, ALL, proofs());
        liquidation.takeOver(alice, 0.5e18, proofs());
        assertEq(market.position(bob, BTC), 10e8);
    }

    /// @dev Her short in ETH covers the long in BTC, and may only shrink: the backstop would take the one without the
    /// other, and leave her exposed to it. So it can take no part at all, and deleveraging, which closes both, is open.
    function test_takeOver_error_reduceOnlyHedge() public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queueOfReduceOnlyHedge(100_000);
        for (uint64 fraction = ALL; fraction >= 1e9; fraction /= 1_000) {
            vm.expectPartialRevert(IMarginConsumer.AllotmentExceeded.selector);
            liquidation.takeOver(alice, fraction, proofs());
        }
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        assertEq(market.position(alice, BTC), 0);
        assertEq(market.position(alice, ETH), 0);
        assertEq(market.cash(alice), -150e8, "what she may be left owing");
        assertEq(_cash(), 0);
    }

    /// @dev Once the instrument trades again the backstop takes all of it.
    function test_takeOver_hedgeOnceActiveAgain() public {
        _queueOfReduceOnlyHedge(100_000);
        resetEpoch();
        mark(90e8);
        insolvent(alice, 150);
        active(bob, 100_000);
        publishNext();
        liquidation.takeOver(alice, ALL, proofs());
        assertEq(market.position(bob, ETH), -400e8);
        assertEq(market.cash(alice), -150e8);
    }

    /// @dev What covers nothing does not stand in the way: the backstop takes the rest and pays for all that is owed, and
    /// deleveraging closes what stayed.
    function test_takeOver_leavesReduceOnlyPositions() public {
        open(alice, carol, ETH, 10e8);
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queueOfReduceOnly(100_000, 170);
        assertEq(liquidation.takeOver(alice, ALL, proofs()), 30e8);
        assertEq(market.position(alice, BTC), 0);
        assertEq(market.position(alice, ETH), 10e8);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        assertEq(market.position(alice, ETH), 0);
        assertEq(market.cash(alice), -170e8);
        assertEq(_cash(), 0);
    }

    function test_takeOver_error_notInsolvent() public {
        says(alice, AccountStatus.Liquidatable, 0, [int64(0), 0, 0]);
        active(bob, 1_000);
        publishNext();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NotInsolvent.selector, alice));
        liquidation.takeOver(alice, ALL, proofs());
    }

    function test_takeOver_error_ofTheBackstopItself() public {
        insolvent(bob, 0);
        publishNext();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.OwnTaker.selector, bob));
        liquidation.takeOver(bob, ALL, proofs());
    }

    /// @dev What she may be left owing is for who takes her book from her: by her own order she may only improve.
    function test_trade_error_insolventMayOnlyReduce() public {
        insolvent(alice, 10_000);
        active(carol, 10_000);
        publishNext();
        Fill[] memory fills = one(fillBetween(alice, carol, BTC, 1e8, 90e8));
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OnlyReductionsAllowed.selector, alice, 2));
        market.trade(fills, proofs());
    }

    /// @dev The most profitable first, at 90 less two and a half: 50 over 20 units.
    function test_deleverage() public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(0);
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.Deleveraged(alice, carol, BTC, 15e8, 37.5e8);
        vm.expectEmit(address(liquidation));
        emit IMarketLiquidation.Deleveraged(alice, dave, BTC, 5e8, 12.5e8);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        assertEq(market.cash(alice), -150e8);
        assertEq(market.cash(carol), 112.5e8, "150 won, less 37.5");
        assertEq(market.cash(dave), 37.5e8);
        assertEq(market.position(carol, BTC), 0);
        assertEq(_cash(), 0);
        assertEq(_size(BTC), 0);
    }

    /// @dev Half of it: all from the first.
    function test_deleverage_part() public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(0);
        liquidation.deleverage(alice, 0.5e18, queue, path, proofs());
        assertEq(market.position(alice, BTC), 10e8);
        assertEq(market.position(carol, BTC), -5e8);
        assertEq(market.position(dave, BTC), -5e8);
        assertEq(market.cash(carol), 575e8, "1,500 less 900 and 25");
        assertEq(_cash(), 0);
    }

    /// @dev Carol needs her gain on BTC for a loss elsewhere: she is passed over, by what her leaf says.
    function test_deleverage_skipsWhoWouldBreakItsAllotment() public {
        insolvent(alice, 150);
        says(carol, AccountStatus.Active, 10_000, [int64(1_000), 1_000, -400]);
        active(dave, 1_000);
        active(bob, 0);
        (DeleverageLeaf memory queue, bytes32[] memory path) = _publishQueue();
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        assertEq(market.position(carol, BTC), -15e8);
        assertEq(market.position(dave, BTC), 0);
        assertEq(market.position(alice, BTC), 15e8);
        assertEq(_cash(), 0);
    }

    /// @dev Without the leaf of one in the queue nobody knows whether it may be passed over.
    function test_deleverage_error_missingEvidence() public {
        insolvent(alice, 150);
        active(dave, 1_000);
        active(bob, 0);
        (DeleverageLeaf memory queue, bytes32[] memory path) = _publishQueue();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.MissingAccount.selector, carol));
        liquidation.deleverage(alice, ALL, queue, path, proofs());
    }

    /// @dev The backstop could take a sixteenth, so nobody's position is closed against its will.
    function test_deleverage_error_backstopHasRoom() public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(26);
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.BackstopHasRoom.selector, bob));
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        // A sixteenth risks 22.5 and costs 3.125.
        (queue, path) = _queueAgain(25);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
    }

    function test_deleverage_error_backstopsLeafMissing() public {
        insolvent(alice, 150);
        active(carol, 1_000);
        active(dave, 1_000);
        (DeleverageLeaf memory queue, bytes32[] memory path) = _publishQueue();
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.MissingAccount.selector, bob));
        liquidation.deleverage(alice, ALL, queue, path, proofs());
    }

    function test_deleverage_withoutABackstop() public {
        vm.prank(bob.ownerOf());
        liquidation.resignBackstop();
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(1_000);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        assertEq(market.position(alice, BTC), 0);
    }

    function test_deleverage_error_invalidQueue() public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(0);
        bytes memory reason = abi.encodeWithSelector(IMarketLiquidation.InvalidQueue.selector, lastEpoch);
        (queue.queue[0], queue.queue[1]) = (queue.queue[1], queue.queue[0]);
        vm.expectRevert(reason);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        (queue.queue[0], queue.queue[1]) = (queue.queue[1], queue.queue[0]);
        vm.expectRevert(reason);
        liquidation.deleverage(carol, ALL, queue, path, proofs());
        queue.consumer = address(this);
        vm.expectRevert(reason);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
    }

    function test_deleverage_error_nothingToMove() public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(0);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        vm.expectRevert(abi.encodeWithSelector(IMarketLiquidation.NothingToMove.selector, alice));
        liquidation.deleverage(alice, ALL, queue, path, proofs());
    }

    /// @dev Long BTC and short ETH: neither leg could be closed alone, for it covers the other; both at once can.
    function test_deleverage_hedgedBook() public {
        open(carol, alice, ETH, 180e8);
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(0);
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        assertEq(market.cash(alice), -150e8);
        assertEq(market.position(alice, ETH), 0);
        assertEq(_cash(), 0);
        assertEq(_size(BTC), 0);
        assertEq(_size(ETH), 0);
    }

    /// @dev Any part of any book: nobody ends beyond both its allotment and what it lost before, what counterparties pay
    /// is at most what was owed, and all changes at mark add up to zero.
    function testFuzz_deleverage(uint64 fraction, uint128 eth, bool short) public {
        eth = uint128(bound(eth, 1, 300e8));
        (AccountId buyer, AccountId seller) = short ? (carol, alice) : (alice, carol);
        open(buyer, seller, ETH, eth);
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue(0);
        fraction = uint64(bound(fraction, 0.01e18, ALL));
        int256[4] memory before = [_equity(alice), _equity(bob), _equity(carol), _equity(dave)];
        liquidation.deleverage(alice, fraction, queue, path, proofs());
        int256 gained = _equity(alice) - before[0];
        assertGe(gained, 0);
        assertLe(gained, 50e16 + 8e8, "more than was owed");
        assertLe(_equity(carol), before[2]);
        assertLe(_equity(dave), before[3]);
        assertEq(gained + _equity(carol) + _equity(dave) - before[2] - before[3], 0);
        assertEq(_equity(bob), before[1]);
        if (fraction == ALL) assertGe(_equity(alice), -150e16);
    }

    function _queue(int64 backstopAllotment) private returns (DeleverageLeaf memory queue, bytes32[] memory path) {
        insolvent(alice, 150);
        active(carol, 10_000);
        active(dave, 10_000);
        active(bob, backstopAllotment);
        return _publishQueue();
    }

    /// @dev Alice is short 400 ETH besides, which can lose more than her BTC, and ETH is reduce-only.
    function _queueOfReduceOnlyHedge(int64 backstopAllotment)
        private
        returns (DeleverageLeaf memory queue, bytes32[] memory path)
    {
        open(carol, alice, ETH, 400e8);
        return _queueOfReduceOnly(backstopAllotment, 150);
    }

    function _queueOfReduceOnly(int64 backstopAllotment, int64 left)
        private
        returns (DeleverageLeaf memory queue, bytes32[] memory path)
    {
        reduceOnly(1);
        insolvent(alice, left);
        active(carol, 10_000);
        active(dave, 10_000);
        active(bob, backstopAllotment);
        return _publishQueue();
    }

    function _queueAgain(int64 backstopAllotment) private returns (DeleverageLeaf memory, bytes32[] memory) {
        resetEpoch();
        mark(90e8);
        return _queue(backstopAllotment);
    }

    function _publishQueue() private returns (DeleverageLeaf memory queue, bytes32[] memory path) {
        queue = DeleverageLeaf(alice, address(market), new AccountId[](2));
        (queue.queue[0], queue.queue[1]) = (carol, dave);
        path = publishNext(queue);
    }

    function _equity(AccountId account) private view returns (int256) {
        return int256(market.cash(account)) * 1e8 + int256(market.position(account, BTC)) * 90e8
            + int256(market.position(account, ETH)) * 10e8;
    }

    function _cash() private view returns (int256) {
        return int256(market.cash(alice)) + market.cash(bob) + market.cash(carol) + market.cash(dave);
    }

    function _size(InstrumentId id) private view returns (int256) {
        return int256(market.position(alice, id)) + market.position(bob, id) + market.position(carol, id)
            + market.position(dave, id);
    }
}
