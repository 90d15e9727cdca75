// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {PriceBoard} from "../src/devnet/PriceBoard.sol";
import {ReplayFeed} from "../src/devnet/ReplayFeed.sol";
import {AggregatorV3Interface} from "../src/interfaces/AggregatorV3Interface.sol";

/// @dev Feeds of a test network, two of them on one board.
contract ReplayFeedTest is Test {
    PriceBoard private board;
    ReplayFeed[] private feeds;

    function setUp() public {
        vm.warp(1_760_100_000);
        board = new PriceBoard(address(this));
        feeds.push(new ReplayFeed(address(board), 8, "BTC / USD"));
        feeds.push(new ReplayFeed(address(board), 18, "ETH / USD"));
    }

    /// @dev As whoever reads Chainlink's feeds expects: rounds count from 1, and each keeps its answer and its time.
    function testFuzz_push(int256[2] calldata first, int256[2] calldata second, uint32 later) public {
        board.push(feeds, _answers(first));
        uint256 began = vm.getBlockTimestamp();
        vm.warp(began + later);
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(feeds[i]));
            emit AggregatorV3Interface.AnswerUpdated(second[i], 2, began + later);
        }
        board.push(feeds, _answers(second));
        for (uint256 i; i < 2; ++i) {
            _assertRound(feeds[i], 1, first[i], began);
            _assertRound(feeds[i], 2, second[i], began + later);
            (uint80 id, int256 answer,, uint256 updatedAt,) = feeds[i].latestRoundData();
            assertEq(id, 2);
            assertEq(answer, second[i]);
            assertEq(updatedAt, began + later);
        }
    }

    function test_description() public view {
        assertEq(feeds[0].description(), "BTC / USD");
        assertEq(feeds[0].decimals(), 8);
        assertEq(feeds[1].decimals(), 18);
        assertEq(feeds[0].version(), 1);
    }

    function test_getRoundData_error_noData() public {
        vm.expectRevert(AggregatorV3Interface.NoDataPresent.selector);
        feeds[0].latestRoundData();
        board.push(feeds, _answers([int256(1), 2]));
        vm.expectRevert(AggregatorV3Interface.NoDataPresent.selector);
        feeds[0].getRoundData(0);
        vm.expectRevert(AggregatorV3Interface.NoDataPresent.selector);
        feeds[0].getRoundData(2);
    }

    function test_push_error_lengthMismatch() public {
        vm.expectRevert(PriceBoard.LengthMismatch.selector);
        board.push(feeds, new int256[](1));
    }

    function test_push_error_notTheOwner() public {
        address stranger = makeAddr("stranger");
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        board.push(feeds, new int256[](2));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        feeds[0].push(1);
    }

    function _assertRound(ReplayFeed feed, uint80 round, int256 expected, uint256 at) private view {
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            feed.getRoundData(round);
        assertEq(id, round);
        assertEq(answer, expected);
        assertEq(startedAt, at);
        assertEq(updatedAt, at);
        assertEq(answeredInRound, round);
    }

    function _answers(int256[2] memory both) private pure returns (int256[] memory answers) {
        answers = new int256[](2);
        (answers[0], answers[1]) = (both[0], both[1]);
    }
}
