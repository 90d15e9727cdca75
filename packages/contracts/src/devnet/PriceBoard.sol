// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ReplayFeed} from "./ReplayFeed.sol";

/// @title Owns replay feeds, so that one transaction can move several prices at once; for test networks only
contract PriceBoard is Ownable {
    error LengthMismatch();

    constructor(address owner_) Ownable(owner_) {}

    /// @notice Pushes one answer into each feed.
    function push(ReplayFeed[] calldata feeds, int256[] calldata answers) external onlyOwner {
        if (feeds.length != answers.length) revert LengthMismatch();
        for (uint256 i; i < feeds.length; ++i) {
            feeds[i].push(answers[i]);
        }
    }
}
