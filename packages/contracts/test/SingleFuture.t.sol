// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SingleFuture} from "../src/examples/SingleFuture.sol";
import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, InstrumentLeaf, InstrumentStatus} from "../src/types/Leaves.sol";
import {Encodings} from "./support/Encodings.sol";
import {MarginChain} from "./support/MarginChain.sol";

/// @title A full consumer with one instrument
contract SingleFutureTest is MarginChain {
    InstrumentId private constant FUTURE = InstrumentId.wrap("BTC-MONTH");
    uint64 private constant PRICE = 100_000e8;

    SingleFuture private future;
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    AccountId private buyer = Encodings.accountId(alice, 0);
    AccountId private seller = Encodings.accountId(bob, 0);
    uint64 private until;

    function setUp() public {
        setUpChain(3, 2);
        future = new SingleFuture(address(attestations), FUTURE);
        until = uint64(block.timestamp) + 60;
    }

    function test_take_partsOfAQuote() public {
        MarginProofs memory proofs = _epoch(30_000e8, 30_000e8);
        uint256 id = _quoteToSell(2e8);
        vm.expectEmit(address(future));
        emit SingleFuture.Taken(id, buyer, -1e8, PRICE);
        _take(id, -1e8, proofs);
        assertEq(future.position(buyer, FUTURE), 1e8);
        assertEq(future.position(seller, FUTURE), -1e8);
        assertEq(future.cash(buyer), -int128(int64(PRICE)));
        assertEq(future.cash(seller), int128(int64(PRICE)));
        (, int128 left,,) = future.quotes(id);
        assertEq(left, -1e8);
    }

    /// @dev A unit loses 20,000 in the worst scenario: the buyer may, the seller's chain says it may not.
    function test_take_error_eitherSidesAllotment() public {
        uint256 id = _quoteToSell(2e8);
        MarginProofs memory proofs = _epoch(20_000e8, 20_000e8 - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, seller, 2, 1));
        _take(id, -1e8, proofs);
        proofs = _epoch(20_000e8, 20_000e8);
        _take(id, -1e8, proofs);
    }

    function testFuzz_take_sumsToZero(int64 size, uint64 price) public {
        vm.assume(size != 0);
        price = uint64(bound(price, 1, uint64(type(int64).max)));
        MarginProofs memory proofs = _epoch(PLENTY, PLENTY);
        // Beyond what a hundred million units can lose the allotment ends; the sums are meant here.
        int128 units = int128(size) % 1e8 + (size > 0 ? int128(1) : int128(-1));
        vm.prank(bob);
        uint256 id = future.quote(seller, units, price, until);
        _take(id, units, proofs);
        assertEq(future.cash(buyer) + future.cash(seller), 0);
        assertEq(future.position(buyer, FUTURE) + future.position(seller, FUTURE), 0);
        assertEq(future.position(seller, FUTURE), units);
    }

    function testFuzz_take_error_moreThanQuoted(int64 size) public {
        uint256 id = _quoteToSell(2e8);
        vm.assume(size >= 0 || size < -2e8);
        MarginProofs memory proofs = _epoch(PLENTY, PLENTY);
        vm.expectRevert(abi.encodeWithSelector(SingleFuture.MoreThanQuoted.selector, -2e8, size));
        _take(id, size, proofs);
    }

    function test_take_error_over() public {
        MarginProofs memory proofs = _epoch(PLENTY, PLENTY);
        uint256 id = _quoteToSell(2e8);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(SingleFuture.QuoteOver.selector, id));
        _take(id, -1e8, proofs);
    }

    function test_take_error_cancelled() public {
        MarginProofs memory proofs = _epoch(PLENTY, PLENTY);
        uint256 id = _quoteToSell(2e8);
        vm.prank(bob);
        future.cancel(id);
        vm.expectRevert(abi.encodeWithSelector(SingleFuture.QuoteOver.selector, id));
        _take(id, -1e8, proofs);
    }

    function test_error_notTheOwner() public {
        MarginProofs memory proofs = _epoch(PLENTY, PLENTY);
        uint256 id = _quoteToSell(2e8);
        bytes memory refused = abi.encodeWithSelector(SingleFuture.NotAccountOwner.selector, seller, alice);
        vm.startPrank(alice);
        vm.expectRevert(refused);
        future.quote(seller, 1, PRICE, until);
        vm.expectRevert(refused);
        future.cancel(id);
        vm.expectRevert(refused);
        future.take(id, seller, -1e8, proofs);
    }

    function test_settle() public {
        MarginProofs memory proofs = _epoch(PLENTY, PLENTY);
        _take(_quoteToSell(2e8), -2e8, proofs);
        InstrumentLeaf memory leaf = instrumentLeaf(FUTURE, PRICE, 0, 3);
        (leaf.status, leaf.settlement) = (InstrumentStatus.Settled, 110_000e8);
        attestations.post(attest(Encodings.hash(leaf)));
        AccountId[] memory both = new AccountId[](2);
        (both[0], both[1]) = (buyer, seller);
        future.settle(both, leaf, new bytes32[](0));
        assertEq(future.cash(buyer), 20_000e8);
        assertEq(future.cash(seller), -20_000e8);
        assertEq(future.position(buyer, FUTURE), 0);
    }

    function _quoteToSell(int128 size) private returns (uint256) {
        vm.prank(bob);
        return future.quote(seller, -size, PRICE, until);
    }

    function _take(uint256 id, int128 size, MarginProofs memory proofs) private {
        vm.prank(alice);
        future.take(id, buyer, size, proofs);
    }

    /// @dev Prices of 80,000, 100,000 and 120,000, the mark in the base.
    function _epoch(int64 buyers, int64 sellers) private returns (MarginProofs memory) {
        int64[] memory prices = new int64[](3);
        (prices[0], prices[1], prices[2]) = (int64(PRICE), 80_000e8, 120_000e8);
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](1);
        instruments[0] = instrumentLeaf(FUTURE, PRICE, 0, 3);
        instruments[0].prices = Encodings.pack(prices);
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(buyer, address(future), buyers, 3);
        accounts[1] = accountLeaf(seller, address(future), sellers, 3);
        return publish(instruments, accounts);
    }
}
