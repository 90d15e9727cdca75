// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Fill, IDerivativeMarket} from "../src/interfaces/IDerivativeMarket.sol";
import {IMarginConsumer} from "../src/interfaces/IMarginConsumer.sol";
import {IMarketLiquidation} from "../src/interfaces/IMarketLiquidation.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {DeleverageLeaf} from "../src/types/Leaves.sol";
import {LiquidationChain} from "./support/LiquidationChain.sol";

/// @dev What counts as the backstop's refusal, so that others may be deleveraged. Alice is long 20 BTC at 100, which has
/// fallen to 90; carol is short all of it; bob is the backstop.
contract BackstopRefusalsTest is LiquidationChain {
    function setUp() public {
        setUpLiquidation();
        open(alice, carol, BTC, 20e8);
        liquidation.nameBackstop(bob);
        vm.prank(bob.ownerOf());
        liquidation.acceptBackstop();
    }

    /// @dev Sixteen positions, and none of them in what it would have to take: it has no room, whatever its allotment.
    function test_deleverage_backstopHoldsTheMostPositions() public {
        AccountId seller = newTrader("erin");
        Fill[] memory fills = new Fill[](16);
        for (uint256 i; i < 16; ++i) {
            InstrumentId id = InstrumentId.wrap(bytes32(bytes7("OTHER-A")) | bytes32(i) << 192);
            list(id, 10e8);
            fills[i] = fillBetween(bob, seller, id, 1e8, 10e8);
        }
        active(bob, 1_000_000);
        active(seller, 1_000_000);
        publishNext();
        market.trade(fills, proofs());
        forgetAccounts();
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue();
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.TooManyPositions.selector, bob, 16));
        liquidation.takeOver(alice, ALL, proofs());
        liquidation.deleverage(alice, ALL, queue, path, proofs());
        assertEq(market.position(alice, BTC), 0);
        assertEq(market.position(carol, BTC), 0);
        assertEq(market.position(bob, BTC), 0);
    }

    /// @dev Whoever calls with so little gas that the backstop's change runs out of it proves nothing by that.
    function test_deleverage_error_tooLittleGas() public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue();
        bytes memory data = abi.encodeCall(liquidation.deleverage, (alice, ALL, queue, path, proofs()));
        bytes memory reason;
        for (uint256 gas_ = 20_000; reason.length == 0; gas_ += 2_000) {
            bool done;
            (done, reason) = address(liquidation).call{gas: gas_}(data);
            assertFalse(done);
        }
        assertEq(reason, abi.encodeWithSelector(IMarketLiquidation.BackstopHasRoom.selector, bob));
    }

    /// @dev Reasons that are not about the two accounts, or not about margin, are passed on as they are.
    function testFuzz_deleverage_error_anotherReason(uint256 kind, bytes32 any) public {
        (DeleverageLeaf memory queue, bytes32[] memory path) = _queue();
        bytes[5] memory reasons = [
            bytes(""),
            abi.encodePacked(bytes4(any)),
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedIntDowncast.selector, 96, any),
            abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, carol, 0, 1),
            abi.encodeWithSelector(IMarginConsumer.WrongConsumer.selector, bob)
        ];
        bytes memory reason = reasons[bound(kind, 0, 4)];
        vm.mockCallRevert(address(market), abi.encodeWithSelector(IDerivativeMarket.changePortfolios.selector), reason);
        (bool done, bytes memory passedOn) =
            address(liquidation).call(abi.encodeCall(liquidation.deleverage, (alice, ALL, queue, path, proofs())));
        assertFalse(done);
        assertEq(passedOn, reason);
    }

    function _queue() private returns (DeleverageLeaf memory queue, bytes32[] memory path) {
        mark(90e8);
        insolvent(alice, 150);
        active(bob, 1_000_000);
        active(carol, 10_000);
        queue = DeleverageLeaf(alice, address(market), new AccountId[](1));
        queue.queue[0] = carol;
        path = publishNext(queue);
    }
}
