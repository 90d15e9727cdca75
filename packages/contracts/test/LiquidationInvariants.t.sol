// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {LiquidationHandler} from "./support/LiquidationHandler.sol";

/// @dev Epoch after epoch with other prices and allotments, and trades of which some are refused; accounts that
/// are sold by auction, taken over and deleveraged.
contract LiquidationInvariants is Test {
    LiquidationHandler private handler;

    function setUp() public {
        handler = new LiquidationHandler();
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = LiquidationHandler.trade.selector;
        selectors[1] = LiquidationHandler.tradeWithoutLeaves.selector;
        selectors[2] = LiquidationHandler.publishEpoch.selector;
        selectors[3] = LiquidationHandler.letExpire.selector;
        selectors[4] = LiquidationHandler.liquidate.selector;
        selectors[5] = LiquidationHandler.takeOver.selector;
        selectors[6] = LiquidationHandler.deleverage.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev The handler values whole portfolios before and after each trade, by the reference.
    function invariant_liquidation() public view {
        (int256 cash, int256 btc, int256 eth) = handler.sums();
        assertEq(cash, 0, "cash");
        assertEq(btc, 0, "BTC");
        assertEq(eth, 0, "ETH");
        assertFalse(handler.passedBeyondAllotment(), "a trade worsened a scenario beyond its allotment");
        assertFalse(handler.refusedWithinTheRule(), "a trade within the rule was refused");
        assertFalse(handler.refusalChangedSomething(), "a refused trade changed something");
        assertFalse(handler.liquidationBeyondAllotment(), "a liquidation worsened a scenario beyond its allotment");
        assertFalse(handler.belowTarget(), "more was sold than restores the buffer");
        assertFalse(handler.equityLeaked(), "equity changes at mark do not add up to zero");
    }

    /// @dev The handler's calls do what they are there for, and all of it leaves the invariants whole.
    function test_liquidation_everyKindHappens() public {
        uint256 seed = 7;
        for (uint256 i; i < 360; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 kind = i % 9;
            if (kind == 0) {
                handler.publishEpoch(seed);
            } else if (kind < 6) {
                handler.trade(seed, seed >> 8, seed >> 16 & 1 == 0, uint128(seed >> 32), seed >> 64, true);
            } else if (kind == 6) {
                handler.liquidate(seed, seed >> 8, uint64(seed >> 16), seed >> 80);
            } else if (kind == 7) {
                handler.takeOver(seed, uint64(seed >> 16));
            } else {
                handler.deleverage(uint64(seed >> 16));
            }
            if (kind == 8) invariant_liquidation();
        }
        assertGt(handler.passed(), 10, "trades");
        assertGt(handler.liquidated(), 0, "liquidations");
        assertGt(handler.takenOver(), 0, "takeovers");
        assertGt(handler.deleveraged(), 0, "deleveragings");
    }
}
