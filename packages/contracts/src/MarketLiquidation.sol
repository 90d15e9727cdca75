// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {LiquidationBase} from "./liquidation/LiquidationBase.sol";
import {MarketAuctions} from "./liquidation/MarketAuctions.sol";
import {MarketDeleveraging} from "./liquidation/MarketDeleveraging.sol";

/// @notice See IMarketLiquidation.
/// @dev Each market makes its own. All that it can do to portfolios is what the market's check of every account allows.
contract MarketLiquidation is MarketAuctions, MarketDeleveraging {
    /// @param attestations_ The market's.
    constructor(address attestations_) LiquidationBase(attestations_) {}
}
