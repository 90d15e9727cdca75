// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {MarketHandler} from "./support/MarketHandler.sol";

/// @dev Epoch after epoch with other prices and allotments, and trades of which some are refused.
contract MarketInvariants is Test {
    MarketHandler private handler;

    function setUp() public {
        handler = new MarketHandler();
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = MarketHandler.trade.selector;
        selectors[1] = MarketHandler.tradeWithoutLeaves.selector;
        selectors[2] = MarketHandler.publishEpoch.selector;
        selectors[3] = MarketHandler.letExpire.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev The handler values whole portfolios before and after each trade, by the reference.
    function invariant_market() public view {
        (int256 cash, int256 btc, int256 eth) = handler.sums();
        assertEq(cash, 0, "cash");
        assertEq(btc, 0, "BTC");
        assertEq(eth, 0, "ETH");
        assertFalse(handler.passedBeyondAllotment(), "a trade worsened a scenario beyond its allotment");
        assertFalse(handler.refusedWithinTheRule(), "a trade within the rule was refused");
        assertFalse(handler.refusalChangedSomething(), "a refused trade changed something");
    }
}
