// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PortfolioChange} from "../src/libraries/PortfolioDraft.sol";
import {FeeSchedule, Fill} from "../src/interfaces/IDerivativeMarket.sol";
import {MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {Attestation} from "../src/types/Attestation.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, InstrumentLeaf} from "../src/types/Leaves.sol";
import {ConsumerHarness} from "./support/ConsumerHarness.sol";
import {Encodings} from "./support/Encodings.sol";
import {MeasuredGas} from "./support/MeasuredGas.sol";

/// @title Gas of attestations, trades and checks
/// forge-config: default.isolate = true
contract TransactionGas is MeasuredGas {
    /// forge-config: default.isolate = true
    function test_post_2of3() public {
        _measurePost("post 2-of-3", 3, 2, 60_000);
    }

    /// forge-config: default.isolate = true
    function test_post_3of5() public {
        _measurePost("post 3-of-5", 5, 3, 62_000);
    }

    /// forge-config: default.isolate = true
    function test_trade_bothOpen() public {
        (AccountId buyer, AccountId seller, MarginProofs memory proofs) = _twoTraders();
        // Somebody else traded the instrument before, so it already has its number.
        _tradeBetweenOthers();
        attestations.post(_lastAttestation);
        _measureTrade("trade, both open a position", fillBetween(buyer, seller, BTC, 1e8, 100_000e8), proofs, 260_000);
    }

    /// forge-config: default.isolate = true
    function test_trade_bothHold() public {
        (AccountId buyer, AccountId seller, MarginProofs memory proofs) = _twoTraders();
        attestations.post(_lastAttestation);
        market.trade(one(fillBetween(buyer, seller, BTC, 1e8, 100_000e8)), proofs);
        _measureTrade("trade, both hold a position", fillBetween(buyer, seller, BTC, 1e8, 100_000e8), proofs, 260_000);
    }

    /// forge-config: default.isolate = true
    function test_trade_withFees() public {
        (AccountId buyer, AccountId seller, MarginProofs memory proofs) = _twoTraders();
        market.setFees(FeeSchedule(makeAddr("treasury"), 100, 500));
        attestations.post(_lastAttestation);
        market.trade(one(fillBetween(buyer, seller, BTC, 1e8, 100_000e8)), proofs);
        _measureTrade(
            "trade with fees, both hold a position", fillBetween(buyer, seller, BTC, 1e8, 100_000e8), proofs, 260_000
        );
    }

    /// forge-config: default.isolate = true
    function test_check_1option() public {
        _measureCheck("check, 1 option position", 1, 110_000);
    }

    /// forge-config: default.isolate = true
    function test_check_8options() public {
        _measureCheck("check, 8 option positions", 8, 220_000);
    }

    /// forge-config: default.isolate = true
    function test_check_16options() public {
        _measureCheck("check, 16 option positions", 16, 300_000);
    }

    Attestation private _lastAttestation;

    /// @dev One account's check: it buys more of one option, at a price that loses in every scenario.
    function _measureCheck(string memory name, uint256 positions, uint256 budget) private {
        setUpChain(3, 2);
        ConsumerHarness consumer = new ConsumerHarness(address(attestations));
        AccountId account = Encodings.accountId(makeAddr("trader"), 0);
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](positions);
        for (uint256 i; i < positions; ++i) {
            InstrumentId id =
                InstrumentId.wrap(bytes32(abi.encodePacked("BTC-26DEC25-", vm.toString(100 + i), "000-C")));
            // Options of some thousand dollars, moved by some hundred from one scenario to the next.
            instruments[i] = instrumentLeaf(id, uint64(0x9876543211 + i), 0x1122334455, SCENARIOS);
            (instruments[i].notional, instruments[i].charge) = (100_000e8, 12_345_678);
        }
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        accounts[0] = accountLeaf(account, address(consumer), 0x123456789abc, SCENARIOS);
        (Attestation memory attestation, MarginProofs memory proofs) = prepareFarApart(instruments, accounts, DEPTH);
        attestations.post(attestation);
        PortfolioChange[] memory changes = new PortfolioChange[](positions);
        for (uint256 i; i < positions; ++i) {
            changes[i] = PortfolioChange(account, instruments[i].instrument, 1e7, -65_482_025_832);
        }
        consumer.change(changes, proofs);
        PortfolioChange[] memory change = new PortfolioChange[](1);
        change[0] = PortfolioChange(account, instruments[positions - 1].instrument, 1e7, -365_482_025_832);
        consumer.change(change, proofs);
        _record(name, abi.encodeCall(consumer.change, (change, proofs)), budget);
    }

    function _measurePost(string memory name, uint256 members, uint8 threshold_, uint256 budget) private {
        setUpMarket(members, threshold_);
        attestations.post(attest(keccak256("first")));
        Attestation memory attestation = attest(keccak256("second"));
        attestations.post(attestation);
        _record(name, abi.encodeCall(attestations.post, (attestation)), budget);
    }

    function _twoTraders() private returns (AccountId buyer, AccountId seller, MarginProofs memory proofs) {
        setUpMarket(3, 2);
        (buyer, seller) = (newTrader("buyer"), newTrader("seller"));
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](1);
        // Prices and allotments of five significant bytes or more: 100,000 USD and steps of 732 USD.
        instruments[0] = instrumentLeaf(BTC, 100_000e8, 0x1122334455, SCENARIOS);
        instruments[0].charge = 12_345_678;
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(buyer, address(market), 0x123456789abc, SCENARIOS);
        accounts[1] = accountLeaf(seller, address(market), 0x123456789abd, SCENARIOS);
        Attestation memory attestation;
        (attestation, proofs) = prepareFarApart(instruments, accounts, DEPTH);
        _lastAttestation = attestation;
    }

    function _tradeBetweenOthers() private {
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](1);
        instruments[0] = instrumentLeaf(BTC, 100_000e8, 1e8, SCENARIOS);
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        (AccountId first, AccountId second) = (newTrader("first"), newTrader("second"));
        accounts[0] = accountLeaf(first, address(market), PLENTY, SCENARIOS);
        accounts[1] = accountLeaf(second, address(market), PLENTY, SCENARIOS);
        uint64 kept = lastEpoch;
        lastEpoch = 0;
        // An epoch before the one that is measured.
        _lastAttestation.header.epoch = kept + 1;
        _lastAttestation = signed(_lastAttestation);
        MarginProofs memory proofs = publish(instruments, accounts);
        market.trade(one(fillBetween(first, second, BTC, 1e8, 100_000e8)), proofs);
    }

    function _measureTrade(string memory name, Fill memory fill, MarginProofs memory proofs, uint256 budget) private {
        market.trade(one(fill), proofs);
        _record(name, abi.encodeCall(market.trade, (one(fill), proofs)), budget);
    }
}
