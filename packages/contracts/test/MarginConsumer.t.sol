// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PortfolioChange} from "../src/libraries/PortfolioDraft.sol";
import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {ISolvencyAttestations} from "../src/interfaces/ISolvencyAttestations.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf, InstrumentStatus} from "../src/types/Leaves.sol";
import {ConsumerHarness} from "./support/ConsumerHarness.sol";
import {Encodings} from "./support/Encodings.sol";
import {MarginChain} from "./support/MarginChain.sol";

contract DebitingConsumer is ConsumerHarness {
    constructor(address attestations_) ConsumerHarness(attestations_) {}

    function debit(AccountId account, InstrumentId instrument, uint128 amount, MarginProofs calldata proofs) external {
        _debit(account, instrument, amount, proofs);
    }
}

contract MarginConsumerTest is MarginChain {
    InstrumentId private constant BTC = InstrumentId.wrap("BTC-PERP");
    InstrumentId private constant ETH = InstrumentId.wrap("ETH-PERP");
    uint256 private constant SCENARIOS = 3;
    int128 private constant ONE = 1e8;
    int64 private constant MARK = 100e8;

    DebitingConsumer private consumer;
    AccountId private account = Encodings.accountId(makeAddr("trader"), 0);

    function setUp() public {
        setUpChain(3, 2);
        consumer = new DebitingConsumer(address(attestations));
    }

    /// @dev Bought at the mark of 100: one unit loses 10 in the last scenario, so an allotment of 10 just allows it.
    function test_change_upToTheAllotment() public {
        MarginProofs memory proofs = _epoch(-5e8, 10e8);
        vm.expectEmit(address(consumer));
        emit IMarginConsumer.PortfolioChanged(account, BTC, ONE, -MARK);
        _change(BTC, ONE, -MARK, proofs);
        assertEq(consumer.cash(account), -MARK);
        assertEq(consumer.position(account, BTC), ONE);
        assertEq(consumer.instruments(account).length, 1);
    }

    /// @dev A hundred-millionth of a unit more loses 1e-7 USD more: that is not allowed.
    function test_change_error_beyondTheAllotment() public {
        MarginProofs memory proofs = _epoch(-5e8, 10e8);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, account, 2, 10));
        _change(BTC, ONE + 1, -MARK - 100, proofs);
    }

    /// @dev A loss is measured to 16 decimals: even a hundred-millionth of the last digit counts, told rounded up.
    function test_change_error_beyondByLessThanOneDigit() public {
        MarginProofs memory proofs = _epoch(-1, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, account, 1, 1));
        _change(BTC, 1, -100, proofs);
    }

    /// @dev A negative allotment demands a gain: what pays for a loss elsewhere may not be closed.
    function test_change_error_closingAHedgeThatAnotherChainNeeds() public {
        MarginProofs memory open = _epoch(5e8, PLENTY);
        _change(BTC, ONE, -MARK, open);
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        int64[] memory allotment = new int64[](3);
        (allotment[0], allotment[1], allotment[2]) = (0, -5e8, -10e8);
        accounts[0] =
            AccountLeaf(account, address(consumer), open.accounts[0].status, 1_000e8, Encodings.pack(allotment));
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](1);
        instruments[0] = instrumentLeaf(BTC, uint64(MARK), 5e8, SCENARIOS);
        MarginProofs memory proofs = publish(instruments, accounts);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, account, 1, 5e8));
        _change(BTC, -ONE, MARK, proofs);
    }

    function test_change_reductionIsAlwaysAllowed() public {
        _change(BTC, 2 * ONE, -2 * MARK, _epoch(-5e8, PLENTY));
        MarginProofs memory proofs = _epoch(-60e8, -1_000e8);
        // A third of the position, sold above every scenario's price.
        _change(BTC, -ONE, MARK, proofs);
        assertEq(consumer.position(account, BTC), ONE);
    }

    /// @dev Cash alone, beside a position: one unit loses 10 in the last scenario, so 5 of an allotment of 15 are left.
    function test_debit_upToTheAllotment() public {
        MarginProofs memory proofs = _epoch(-5e8, 15e8);
        _change(BTC, ONE, -MARK, proofs);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, account, 2, 1));
        consumer.debit(account, BTC, 5e8 + 1, proofs);
        vm.expectEmit(address(consumer));
        emit IMarginConsumer.PortfolioChanged(account, BTC, ONE, -MARK - 5e8);
        consumer.debit(account, BTC, 5e8, proofs);
        assertEq(consumer.cash(account), -MARK - 5e8);
        assertEq(consumer.position(account, BTC), ONE);
    }

    function test_debit_error_withoutALeaf() public {
        MarginProofs memory proofs = withoutAccounts(_epoch(-5e8, 15e8));
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OnlyReductionsAllowed.selector, account, 0));
        consumer.debit(account, BTC, 1, proofs);
    }

    function test_change_withoutALeaf() public {
        _change(BTC, 2 * ONE, -2 * MARK, _epoch(-5e8, PLENTY));
        MarginProofs memory proofs = _epoch(-5e8, PLENTY);
        proofs = withoutAccounts(proofs);
        _change(BTC, -ONE, MARK, proofs);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OnlyReductionsAllowed.selector, account, 1));
        _change(BTC, ONE, -MARK, proofs);
        // A gift of a position is no loss, but it is more notional.
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.GrossLimitExceeded.selector, account, 200e8, 0));
        _change(BTC, ONE, 0, proofs);
    }

    function test_change_onceExpiredOnlyReductions() public {
        MarginProofs memory proofs = _epoch(-5e8, PLENTY);
        _change(BTC, 2 * ONE, -2 * MARK, proofs);
        vm.warp(block.timestamp + LIFETIME_SECONDS - 1);
        _change(BTC, ONE, -MARK, proofs);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OnlyReductionsAllowed.selector, account, 1));
        _change(BTC, ONE, -MARK, proofs);
        _change(BTC, -ONE, MARK, proofs);
    }

    function test_change_error_grossLimit() public {
        MarginProofs memory proofs = _epochWithGrossLimit(150e8 - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.GrossLimitExceeded.selector, account, 150e8, 150e8 - 1));
        _change(BTC, 3 * ONE / 2, -150e8, proofs);
        _change(BTC, 3 * ONE / 2, -150e8, _epochWithGrossLimit(150e8));
    }

    /// @dev What is reduce-only or settled is not opened, enlarged, or turned; the other instruments are as they were.
    function testFuzz_change_error_instrumentReduceOnly(bool settled, bool long, uint256 kind) public {
        int128 held = long ? 2 * ONE : -2 * ONE;
        _change(BTC, held, 0, _epoch(-5e8, PLENTY));
        (InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts) = _leaves(-5e8, PLENTY);
        instruments[0].status = settled ? InstrumentStatus.Settled : InstrumentStatus.ReduceOnly;
        MarginProofs memory proofs = publish(instruments, accounts);
        kind = bound(kind, 0, 2);
        // One unit beyond what it holds, one more, or nothing left and then one.
        int128 change = kind == 0 ? -held - held / 2 : held / 2;
        if (kind == 2) {
            _change(BTC, -held, 0, proofs);
        }
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.InstrumentReduceOnly.selector, account, BTC));
        _change(BTC, change, 0, proofs);
        _change(ETH, ONE, 0, proofs);
        _change(BTC, 0, -1, proofs);
        if (kind == 2) return;
        _change(BTC, -held / 2, 0, proofs);
        _change(BTC, -held / 2, 0, proofs);
        assertEq(consumer.position(account, BTC), 0);
    }

    function test_change_error_noAttestation() public {
        vm.expectRevert(ISolvencyAttestations.NoAttestation.selector);
        _change(BTC, ONE, -MARK, _epoch(0, 0, false));
    }

    function test_change_error_leafOfAnotherConsumer() public {
        MarginProofs memory proofs = _epoch(-5e8, PLENTY);
        ConsumerHarness other = new ConsumerHarness(address(attestations));
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.WrongConsumer.selector, address(consumer)));
        other.change(_one(BTC, ONE, -MARK), proofs);
    }

    function testFuzz_change_error_alteredAccountLeaf(uint256 mutation) public {
        MarginProofs memory proofs = _epoch(-5e8, 10e8);
        AccountLeaf memory leaf = proofs.accounts[0];
        mutation = bound(mutation, 0, 3);
        if (mutation == 0) leaf.allotment[0] = 0x7f;
        if (mutation == 1) --leaf.grossLimit;
        if (mutation == 2) leaf.status = AccountStatus.Liquidatable;
        if (mutation == 3) leaf.consumer = address(this);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.InvalidMarginProof.selector, 1));
        _change(BTC, ONE, -MARK, proofs);
    }

    function testFuzz_change_error_alteredInstrumentLeaf(uint256 mutation) public {
        MarginProofs memory proofs = _epoch(-5e8, 10e8);
        InstrumentLeaf memory leaf = proofs.instruments[0];
        mutation = bound(mutation, 0, 8);
        if (mutation == 0) leaf.prices[23] = 0x7f;
        if (mutation == 1) ++leaf.mark;
        if (mutation == 2) --leaf.notional;
        if (mutation == 3) ++leaf.charge;
        if (mutation == 4) ++leaf.settlement;
        if (mutation == 5) (proofs.siblings, proofs.steps) = (new bytes32[](1), hex"00");
        if (mutation == 6) leaf.status = InstrumentStatus.Settled;
        if (mutation == 7) --leaf.funding;
        if (mutation == 8) ++leaf.stressBps;
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.InvalidMarginProof.selector, 1));
        _change(BTC, ONE, -MARK, proofs);
    }

    function test_change_error_proofOfAnOlderEpoch() public {
        MarginProofs memory proofs = _epoch(-5e8, 10e8);
        _epoch(-6e8, 10e8);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.InvalidMarginProof.selector, 2));
        _change(BTC, ONE, -MARK, proofs);
    }

    /// @dev Every instrument that the account holds must be proven, not only the one that it trades.
    function test_change_error_missingInstrument() public {
        MarginProofs memory proofs = _epoch(-5e8, PLENTY);
        _change(BTC, ONE, -MARK, proofs);
        (InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts) = _leaves(-5e8, PLENTY);
        InstrumentLeaf[] memory onlyEth = new InstrumentLeaf[](1);
        onlyEth[0] = instruments[1];
        proofs = publish(onlyEth, accounts);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.MissingInstrument.selector, BTC));
        _change(ETH, ONE, -MARK, proofs);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.MissingInstrument.selector, BTC));
        _change(BTC, ONE, -MARK, proofs);
    }

    function test_change_error_instrumentsNotAscending() public {
        MarginProofs memory proofs = _epoch(-5e8, PLENTY);
        (proofs.instruments[0], proofs.instruments[1]) = (proofs.instruments[1], proofs.instruments[0]);
        vm.expectRevert(IMarginConsumer.InstrumentsNotAscending.selector);
        _change(BTC, ONE, -MARK, proofs);
        proofs.instruments[1] = proofs.instruments[0];
        vm.expectRevert(IMarginConsumer.InstrumentsNotAscending.selector);
        _change(BTC, ONE, -MARK, proofs);
    }

    /// @dev Arrays of unequal length, of no length, or of half an entry are never compared, even when signed.
    function test_change_error_scenarioCount() public {
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](2);
        instruments[0] = instrumentLeaf(BTC, uint64(MARK), 0, 3);
        instruments[1] = instrumentLeaf(ETH, uint64(MARK), 0, 2);
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        accounts[0] = accountLeaf(account, address(consumer), PLENTY, 3);
        _expectScenarioMismatch(3, 2, publish(instruments, accounts));

        instruments[1] = instrumentLeaf(ETH, uint64(MARK), 0, 3);
        accounts[0] = accountLeaf(account, address(consumer), PLENTY, 2);
        _expectScenarioMismatch(3, 2, publish(instruments, accounts));

        accounts[0].allotment = abi.encodePacked(accounts[0].allotment, hex"00000000000000");
        _expectScenarioMismatch(3, 2, publish(instruments, accounts));

        (instruments[0].prices, instruments[1].prices, accounts[0].allotment) = ("", "", "");
        _expectScenarioMismatch(0, 0, publish(instruments, accounts));
    }

    function test_change_error_tooManyPositions() public {
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](17);
        for (uint256 i; i < 17; ++i) {
            instruments[i] = instrumentLeaf(InstrumentId.wrap(bytes32(i + 1)), uint64(MARK), 0, SCENARIOS);
        }
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        accounts[0] = accountLeaf(account, address(consumer), PLENTY, SCENARIOS);
        MarginProofs memory proofs = publish(instruments, accounts);
        for (uint256 i; i < 16; ++i) {
            _change(instruments[i].instrument, ONE, -MARK, proofs);
        }
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.TooManyPositions.selector, account, 16));
        _change(instruments[16].instrument, ONE, -MARK, proofs);
        // Closing one makes room, wherever it stood.
        _change(instruments[4].instrument, -ONE, MARK, proofs);
        _change(instruments[16].instrument, ONE, -MARK, proofs);
        assertEq(consumer.instruments(account).length, 16);
        assertEq(consumer.position(account, instruments[4].instrument), 0);
        assertEq(consumer.position(account, instruments[15].instrument), ONE);
    }

    function test_change_closingForgetsThePosition() public {
        MarginProofs memory proofs = _epoch(-5e8, PLENTY);
        _change(BTC, ONE, -MARK, proofs);
        _change(ETH, -ONE, MARK, proofs);
        _change(BTC, -ONE, MARK, proofs);
        InstrumentId[] memory held = consumer.instruments(account);
        assertEq(held.length, 1);
        assertEq(InstrumentId.unwrap(held[0]), InstrumentId.unwrap(ETH));
        assertEq(consumer.position(account, BTC), 0);
        assertEq(consumer.position(account, ETH), -ONE);
        assertEq(consumer.cash(account), MARK);
    }

    function test_change_cashAlone() public {
        MarginProofs memory proofs = _epoch(-5e8, 10e8);
        _change(BTC, 0, -10e8, proofs);
        assertEq(consumer.cash(account), -10e8);
        assertEq(consumer.instruments(account).length, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, account, 0, 1));
        _change(BTC, 0, -1, proofs);
    }

    /// @dev The most that an account can make anybody check, 16 positions at 40 scenarios, is a small part of a block.
    function test_change_gasOfTheLargestPortfolio() public {
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](16);
        for (uint256 i; i < 16; ++i) {
            instruments[i] = instrumentLeaf(InstrumentId.wrap(bytes32(i + 1)), uint64(MARK), 1e8, 40);
        }
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        accounts[0] = accountLeaf(account, address(consumer), PLENTY, 40);
        MarginProofs memory proofs = publish(instruments, accounts);
        for (uint256 i; i < 16; ++i) {
            _change(instruments[i].instrument, ONE, -MARK, proofs);
        }
        uint256 gasBefore = gasleft();
        _change(instruments[15].instrument, ONE, -MARK, proofs);
        assertLt(gasBefore - gasleft(), 500_000);
    }

    /// @dev Not prevented: what holds an instrument without a leaf cannot change anything else either, be it to reduce.
    function test_change_error_heldInstrumentWithoutALeaf() public {
        MarginProofs memory both = _epoch(-5e8, PLENTY);
        _change(BTC, ONE, -MARK, both);
        _change(ETH, 1, -100, both);
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](1);
        instruments[0] = instrumentLeaf(BTC, uint64(MARK), -5e8, SCENARIOS);
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        accounts[0] = accountLeaf(account, address(consumer), PLENTY, SCENARIOS);
        MarginProofs memory proofs = publish(instruments, accounts);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.MissingInstrument.selector, ETH));
        _change(BTC, -ONE, MARK, proofs);
    }

    function test_attestations() public view {
        assertEq(consumer.attestations(), address(attestations));
    }

    function _expectScenarioMismatch(uint256 expected, uint256 given, MarginProofs memory proofs) private {
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.ScenarioCountMismatch.selector, expected, given));
        _change(BTC, ONE, -MARK, proofs);
    }

    function _epochWithGrossLimit(uint128 grossLimit) private returns (MarginProofs memory) {
        (InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts) = _leaves(-5e8, PLENTY);
        accounts[0].grossLimit = grossLimit;
        return publish(instruments, accounts);
    }

    function _epoch(int64 step, int64 allotment) private returns (MarginProofs memory) {
        return _epoch(step, allotment, true);
    }

    function _epoch(int64 step, int64 allotment, bool posted) private returns (MarginProofs memory proofs) {
        (InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts) = _leaves(step, allotment);
        if (posted) return publish(instruments, accounts);
        (, proofs) = prepare(instruments, accounts);
    }

    function _leaves(int64 step, int64 allotment)
        private
        view
        returns (InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts)
    {
        instruments = new InstrumentLeaf[](2);
        instruments[0] = instrumentLeaf(BTC, uint64(MARK), step, SCENARIOS);
        instruments[1] = instrumentLeaf(ETH, uint64(MARK), step, SCENARIOS);
        accounts = new AccountLeaf[](1);
        accounts[0] = accountLeaf(account, address(consumer), allotment, SCENARIOS);
    }

    function _one(InstrumentId instrument, int128 sizeChange, int128 cashChange)
        private
        view
        returns (PortfolioChange[] memory changes)
    {
        changes = new PortfolioChange[](1);
        changes[0] = PortfolioChange(account, instrument, sizeChange, cashChange);
    }

    function _change(InstrumentId instrument, int128 sizeChange, int128 cashChange, MarginProofs memory proofs)
        private
    {
        consumer.change(_one(instrument, sizeChange, cashChange), proofs);
    }
}
