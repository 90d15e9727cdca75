// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MarketLiquidation} from "../src/MarketLiquidation.sol";
import {MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {Attestation} from "../src/types/Attestation.sol";
import {AccountId} from "../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, DeleverageLeaf, InstrumentLeaf} from "../src/types/Leaves.sol";
import {Encodings} from "./support/Encodings.sol";
import {MeasuredGas} from "./support/MeasuredGas.sol";
import {Merkle} from "./support/Merkle.sol";

/// @title Gas of liquidations: a book of two short positions, opened at 90,000 and 3,600 and now at 100,000 and 4,000
/// @dev It owes 10,400, of which 5,000 are for others to bear where it is insolvent.
/// forge-config: default.isolate = true
contract LiquidationTransactionGas is MeasuredGas {
    uint64 private constant ALL = 1e18;
    int64 private constant ENOUGH = 0x123456789abc;
    int64 private constant LEFT_OWING = 5_400e8;

    MarketLiquidation private liquidation;
    AccountId private sold;
    AccountId private first;
    AccountId private second;
    AccountId private backstop;
    AccountLeaf[] private leaves;

    function setUp() public {
        setUpMarket(3, 2);
        liquidation = MarketLiquidation(market.liquidation());
        (sold, first, second) = (newTrader("sold"), newTrader("first"), newTrader("second"));
        backstop = newTrader("backstop");
        liquidation.nameBackstop(backstop);
        vm.prank(backstop.ownerOf());
        liquidation.acceptBackstop();
        MarginProofs memory proofs = _everybodyMayTrade();
        AccountId[2] memory buyers = [first, second];
        for (uint256 i; i < 2; ++i) {
            market.trade(one(fillBetween(buyers[i], sold, BTC, 0.5e8, 90_000e8)), proofs);
            market.trade(one(fillBetween(buyers[i], sold, ETH, 0.5e8, 3_600e8)), proofs);
        }
    }

    /// @dev Half of the book to an account that holds none of it, a minute after the auction began.
    /// forge-config: default.isolate = true
    function test_liquidate() public {
        _says(sold, ENOUGH, AccountStatus.Liquidatable, 1e8);
        _says(backstop, ENOUGH, AccountStatus.Active, type(uint128).max);
        MarginProofs memory proofs = _post();
        liquidation.startAuction(sold, proofs);
        vm.warp(block.timestamp + 60);
        vm.prank(backstop.ownerOf());
        uint128 discount = liquidation.liquidate(sold, backstop, ALL / 2, 0, proofs);
        bytes memory call = abi.encodeCall(liquidation.liquidate, (sold, backstop, ALL / 2, 0, proofs));
        _record("liquidate, 2 positions", call, 390_000);
        assertGt(discount, 0);
    }

    /// @dev All of it.
    /// forge-config: default.isolate = true
    function test_takeOver() public {
        _says(sold, LEFT_OWING, AccountStatus.Insolvent, 0);
        _says(backstop, ENOUGH, AccountStatus.Active, type(uint128).max);
        MarginProofs memory proofs = _post();
        uint128 loss = liquidation.takeOver(sold, ALL, proofs);
        _record("take over, 2 positions", abi.encodeCall(liquidation.takeOver, (sold, ALL, proofs)), 310_000);
        assertEq(loss, 5_000e8);
    }

    /// @dev All of it, against two accounts, after the backstop was found to have no room.
    /// forge-config: default.isolate = true
    function test_deleverage() public {
        _says(sold, LEFT_OWING, AccountStatus.Insolvent, 0);
        _says(first, ENOUGH, AccountStatus.Active, type(uint128).max);
        _says(second, ENOUGH, AccountStatus.Active, type(uint128).max);
        _says(backstop, 0x1234, AccountStatus.Active, type(uint128).max);
        DeleverageLeaf memory queue = DeleverageLeaf(sold, address(market), new AccountId[](2));
        (queue.queue[0], queue.queue[1]) = (first, second);
        (MarginProofs memory proofs, bytes32[] memory path) = _postBeside(Encodings.hash(queue));
        liquidation.deleverage(sold, ALL, queue, path, proofs);
        bytes memory call = abi.encodeCall(liquidation.deleverage, (sold, ALL, queue, path, proofs));
        _record("deleverage, 2 positions against 2 accounts", call, 600_000);
        assertEq(market.cash(sold), -LEFT_OWING);
    }

    function _everybodyMayTrade() private returns (MarginProofs memory) {
        AccountLeaf[] memory everybody = new AccountLeaf[](3);
        everybody[0] = accountLeaf(sold, address(market), PLENTY, SCENARIOS);
        everybody[1] = accountLeaf(first, address(market), PLENTY, SCENARIOS);
        everybody[2] = accountLeaf(second, address(market), PLENTY, SCENARIOS);
        return publish(_instruments(), everybody);
    }

    /// @dev Prices and allotments of five significant bytes or more, as for trades.
    function _instruments() private pure returns (InstrumentLeaf[] memory instruments) {
        instruments = new InstrumentLeaf[](2);
        instruments[0] = instrumentLeaf(BTC, 100_000e8, 0x1122334455, SCENARIOS);
        instruments[1] = instrumentLeaf(ETH, 4_000e8, 0x11223344, SCENARIOS);
        (instruments[0].charge, instruments[1].charge) = (12_345_678, 1_234_567);
    }

    function _says(AccountId account, int64 allotment, AccountStatus status, uint128 grossLimit) private {
        AccountLeaf memory leaf = accountLeaf(account, address(market), allotment, SCENARIOS);
        (leaf.status, leaf.grossLimit) = (status, grossLimit);
        leaves.push(leaf);
    }

    function _post() private returns (MarginProofs memory proofs) {
        Attestation memory attestation;
        (attestation, proofs) = prepareFarApart(_instruments(), leaves, DEPTH);
        attestations.post(attestation);
    }

    /// @dev With one more leaf, as deep as the others, which join it below the root.
    function _postBeside(bytes32 leaf) private returns (MarginProofs memory proofs, bytes32[] memory path) {
        Attestation memory attestation;
        (attestation, proofs) = prepareFarApart(_instruments(), leaves, DEPTH - 1);
        bytes32[][] memory group = new bytes32[][](1);
        group[0] = new bytes32[](1);
        group[0][0] = leaf;
        bytes32 top;
        (top, path,) = Merkle.farApart(group, DEPTH - 1);
        path = Merkle.append(path, attestation.chainRoot);
        proofs.siblings = Merkle.append(proofs.siblings, top);
        proofs.steps = abi.encodePacked(proofs.steps, uint8(1));
        attestations.post(attest(Merkle.parent(attestation.chainRoot, top)));
    }
}
