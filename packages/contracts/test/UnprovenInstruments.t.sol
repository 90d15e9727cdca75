// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Fill} from "../src/interfaces/IDerivativeMarket.sol";
import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {PortfolioChange} from "../src/libraries/PortfolioDraft.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, InstrumentLeaf} from "../src/types/Leaves.sol";
import {ConsumerHarness} from "./support/ConsumerHarness.sol";
import {Trading} from "./support/Trading.sol";

/// @dev Changes of what no leaf was given for, and leaves that point out of the calldata.
contract UnprovenInstrumentsTest is Trading {
    ConsumerHarness private consumer;
    AccountId private alice;
    AccountId private bob;

    function setUp() public {
        setUpMarket(3, 2);
        consumer = new ConsumerHarness(address(attestations));
        (alice, bob) = (newTrader("alice"), newTrader("bob"));
    }

    /// @dev She holds nothing, so nothing else is missing.
    function test_change_error_unprovenAndNotHeld() public {
        MarginProofs memory proofs = _onlyBtc(address(consumer));
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.MissingInstrument.selector, ETH));
        consumer.change(_bought(ETH), proofs);
        consumer.change(_bought(BTC), proofs);
    }

    function test_trade_error_unprovenInstrument() public {
        MarginProofs memory proofs = _onlyBtc(address(market));
        Fill[] memory fills = one(fillBetween(bob, alice, ETH, 1e8, 100e8));
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.MissingInstrument.selector, ETH));
        market.trade(fills, proofs);
    }

    /// @dev A leaf, or its array, said to lie where no calldata can be is none, wherever beyond 2^64 that is.
    function testFuzz_change_error_leafFarAway(uint256 distance, bool array) public {
        distance = bound(distance, 1 << 64, type(uint256).max >> 1);
        bytes memory data = abi.encodeCall(consumer.change, (_bought(BTC), _onlyBtc(address(consumer))));
        (bool done,) = address(consumer).call(data);
        assertTrue(done);
        uint256 proofsAt = 4 + _word(data, 4 + 0x20);
        uint256 leavesAt = proofsAt + _word(data, proofsAt + 0x20) + 0x20;
        uint256 at = array ? leavesAt + _word(data, leavesAt) + 0x100 : leavesAt;
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), at), distance)
        }
        bytes memory reason;
        (done, reason) = address(consumer).call(data);
        assertFalse(done);
        assertEq(reason, abi.encodeWithSelector(IMarginConsumer.InvalidMarginProof.selector, 1));
    }

    function _onlyBtc(address at) private returns (MarginProofs memory) {
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](1);
        instruments[0] = instrumentLeaf(BTC, 100e8, -5e8, 3);
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(alice, at, PLENTY, 3);
        accounts[1] = accountLeaf(bob, at, PLENTY, 3);
        return publish(instruments, accounts);
    }

    function _bought(InstrumentId instrument) private view returns (PortfolioChange[] memory changes) {
        changes = new PortfolioChange[](1);
        changes[0] = PortfolioChange(alice, instrument, 1e8, -100e8);
    }

    function _word(bytes memory data, uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), at))
        }
    }
}
