// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MarginConsumer} from "../../src/MarginConsumer.sol";
import {PortfolioChange} from "../../src/libraries/PortfolioDraft.sol";
import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";

/// @title A consumer that changes portfolios as anyone says
contract ConsumerHarness is MarginConsumer {
    constructor(address attestations_) MarginConsumer(attestations_) {}

    function change(PortfolioChange[] calldata changes, MarginProofs calldata proofs) external {
        _changePortfolios(changes, proofs);
    }
}
