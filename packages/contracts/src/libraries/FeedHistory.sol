// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IOperatorBonds} from "../interfaces/IOperatorBonds.sol";
import {FeedRounds} from "../types/OverAllotment.sol";

/// @title What a feed answered around some time
/// @dev Takes a feed to be what Chainlink's off-chain reporting aggregators are: rounds are numbered one after the other
/// as they are emitted, their times never fall, and each keeps its answer for ever. An answer's time is that of its block;
/// a feed whose times are off by no more than the margin is covered too.
library FeedHistory {
    /// @dev How far around a time answers are looked at.
    uint256 internal constant MARGIN_SECONDS = 10 minutes;

    /// @notice The largest answer that may have been the newest at `timestamp`, in the feed's decimals; 0 if all were less.
    /// @dev Looking at more rounds than needed only raises the result.
    function highestAnswer(address feed, FeedRounds calldata rounds, uint256 timestamp)
        internal
        view
        returns (uint256 highest)
    {
        if (rounds.first > rounds.last) revert IOperatorBonds.RoundsDoNotCover(feed, timestamp);
        uint256 updatedAt;
        for (uint80 round = rounds.first; round <= rounds.last; ++round) {
            int256 answer;
            (, answer,, updatedAt,) = AggregatorV3Interface(feed).getRoundData(round);
            if (updatedAt == 0) revert IOperatorBonds.UnknownRound(feed, round);
            if (round == rounds.first && updatedAt + MARGIN_SECONDS > timestamp) {
                revert IOperatorBonds.RoundsDoNotCover(feed, timestamp);
            }
            if (answer <= 0 || updatedAt > timestamp + MARGIN_SECONDS) continue;
            // casting to 'uint256' is safe because the answer is positive
            // forge-lint: disable-next-line(unsafe-typecast)
            highest = Math.max(highest, uint256(answer));
        }
        if (updatedAt > timestamp + MARGIN_SECONDS) return highest;
        (uint80 newest,,,,) = AggregatorV3Interface(feed).latestRoundData();
        if (rounds.last != newest) revert IOperatorBonds.RoundsDoNotCover(feed, timestamp);
    }
}
