// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {LiquidationHandler} from "./support/LiquidationHandler.sol";
import {TradingHandler} from "./support/TradingHandler.sol";

/// @dev Epoch after epoch with other prices and allotments, and trades of which some are refused; accounts that
/// are sold by auction, taken over and deleveraged.
/// forge-config: default.invariant.runs = 1024
/// forge-config: default.invariant.include_storage = false
/// forge-config: default.invariant.include_push_bytes = false
contract LiquidationInvariants is Test {
    uint256 private constant KINDS = 7;

    LiquidationHandler private handler;

    function setUp() public {
        handler = new LiquidationHandler();
        bytes4[] memory selectors = new bytes4[](KINDS);
        selectors[0] = TradingHandler.trade.selector;
        selectors[1] = TradingHandler.tradeWithoutLeaves.selector;
        selectors[2] = TradingHandler.publishEpoch.selector;
        selectors[3] = TradingHandler.letExpire.selector;
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
        assertFalse(handler.refusalChangedSomething(), "a refusal changed something");
        assertFalse(handler.liquidationBeyondAllotment(), "a liquidation worsened a scenario beyond its allotment");
        assertFalse(handler.belowTarget(), "more was sold than restores the buffer");
        assertFalse(handler.equityLeaked(), "equity changes at mark do not add up to zero");
    }

    /// @dev Calls drawn as the invariant's are: of every kind one in eight or more does what it is there for (of trades one
    /// in ten), so the invariant sees thousands of each.
    function test_liquidation_everyKindHappens() public {
        uint256[KINDS] memory tried;
        uint256 seed = 7;
        for (uint256 i; i < 448; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 kind = (seed >> 128) % KINDS;
            ++tried[kind];
            _call(kind, seed);
            if (i % 20 == 0) invariant_liquidation();
        }
        assertGt(10 * handler.passed(), tried[0], "trades");
        assertGt(8 * handler.refused(), tried[0], "refused trades");
        assertGt(8 * handler.liquidated(), tried[4], "liquidations");
        assertGt(8 * handler.takenOver(), tried[5], "takeovers");
        assertGt(8 * handler.deleveraged(), tried[6], "deleveragings");
    }

    function _call(uint256 kind, uint256 seed) private {
        (uint256 a, uint256 b, uint64 fraction, bool flag) =
            (seed >> 8, seed >> 16, uint64(seed >> 64), seed >> 24 & 1 == 0);
        if (kind == 0) handler.trade(a, b, seed >> 40, fraction, seed >> 160, flag);
        else if (kind == 1) handler.tradeWithoutLeaves(a, b, seed >> 40, fraction, seed >> 160);
        else if (kind == 2) handler.publishEpoch(seed);
        else if (kind == 3) handler.letExpire();
        else if (kind == 4) handler.liquidate(a, b, fraction, seed >> 160, flag);
        else if (kind == 5) handler.takeOver(a, fraction);
        else handler.deleverage(a, fraction);
    }
}
