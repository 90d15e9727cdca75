// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {MarketHandler} from "./support/MarketHandler.sol";
import {TradingHandler} from "./support/TradingHandler.sol";

/// @dev Epoch after epoch with other prices, funding and allotments; trades of which some are refused; futures that settle,
/// account by account, while the next one trades.
/// forge-config: default.invariant.runs = 1024
/// forge-config: default.invariant.include_storage = false
/// forge-config: default.invariant.include_push_bytes = false
contract MarketInvariants is Test {
    MarketHandler private handler;

    function setUp() public {
        handler = new MarketHandler();
        bytes4[] memory selectors = new bytes4[](6);
        selectors[0] = TradingHandler.trade.selector;
        selectors[1] = TradingHandler.tradeWithoutLeaves.selector;
        selectors[2] = TradingHandler.publishEpoch.selector;
        selectors[3] = TradingHandler.letExpire.selector;
        selectors[4] = MarketHandler.settle.selector;
        selectors[5] = MarketHandler.expireFuture.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev The handler values whole portfolios before and after each trade, by the reference.
    function invariant_market() public view {
        (int256 perpetual, int256 future, int256 settling, int256 worthE16) = handler.sums();
        assertEq(perpetual, 0, "perpetual");
        assertEq(future, 0, "future");
        // To the last unit: all cash is there, but for what the rounding of settlements has left to the next ones.
        assertLe(worthE16, 0, "more cash than there was");
        assertGt(worthE16, settling == 0 ? int256(-1) : -1e8, "less cash than there was");
        assertFalse(handler.passedBeyondAllotment(), "a trade worsened a scenario beyond its allotment");
        assertFalse(handler.refusedWithinTheRule(), "a trade within the rule was refused");
        assertFalse(handler.refusalChangedSomething(), "a refused trade changed something");
    }
}
