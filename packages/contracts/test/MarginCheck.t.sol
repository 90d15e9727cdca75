// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PortfolioChange} from "../src/libraries/PortfolioDraft.sol";
import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf, InstrumentStatus} from "../src/types/Leaves.sol";
import {ConsumerHarness} from "./support/ConsumerHarness.sol";
import {Encodings} from "./support/Encodings.sol";
import {MarginChain} from "./support/MarginChain.sol";
import {MarginReference} from "./support/MarginReference.sol";

/// @dev The contract against the reference: random portfolios, epochs and changes, with allotments close to the loss
/// that the change leads to, for that is where a wrong check would show.
contract MarginCheckTest is MarginChain {
    struct Case {
        uint256 scenarios;
        MarginReference.Instrument[] instruments;
        MarginReference.Portfolio before;
        MarginReference.Portfolio afterwards;
        uint256 changed;
        int64[] allotment;
        uint128 grossLimit;
        bool hasLeaf;
        bool expired;
    }

    ConsumerHarness private consumer;
    AccountId private account = Encodings.accountId(makeAddr("trader"), 0);
    uint256 private seed;

    function setUp() public {
        setUpChain(3, 2);
        consumer = new ConsumerHarness(address(attestations));
    }

    /// forge-config: default.fuzz.runs = 1024
    function testFuzz_change_obeysTheRule(uint256 seed_) public {
        seed = seed_;
        Case memory c = _case();
        _open(c);
        MarginProofs memory proofs = publish(_instrumentLeaves(c), _accountLeaves(c));
        if (!c.hasLeaf) proofs = withoutAccounts(proofs);
        if (c.expired) vm.warp(block.timestamp + LIFETIME_SECONDS);

        int64[] memory allotment = c.hasLeaf && !c.expired ? c.allotment : new int64[](0);
        uint256 grossLimit = allotment.length > 0 ? c.grossLimit : 0;
        (MarginReference.Verdict verdict, uint256 scenario) =
            MarginReference.judge(c.before, c.afterwards, c.instruments, allotment, grossLimit);

        if (verdict == MarginReference.Verdict.NotShrinking) {
            vm.expectRevert(
                abi.encodeWithSelector(IMarginConsumer.InstrumentReduceOnly.selector, account, _id(c.changed))
            );
        } else if (verdict == MarginReference.Verdict.BeyondAllotment && allotment.length == 0) {
            vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OnlyReductionsAllowed.selector, account, scenario));
        } else if (verdict == MarginReference.Verdict.BeyondAllotment) {
            int256 value = MarginReference.valueE16(c.afterwards, c.instruments, scenario);
            uint256 excess = (uint256(-value - int256(allotment[scenario]) * 1e8) + 1e8 - 1) / 1e8;
            vm.expectRevert(
                abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, account, scenario, excess)
            );
        } else if (verdict == MarginReference.Verdict.BeyondGrossLimit) {
            uint256 gross = (MarginReference.grossE16(c.afterwards, c.instruments) + 1e8 - 1) / 1e8;
            vm.expectRevert(
                abi.encodeWithSelector(IMarginConsumer.GrossLimitExceeded.selector, account, gross, grossLimit)
            );
        }
        _change(c, proofs);

        if (verdict != MarginReference.Verdict.Allowed) return;
        assertEq(consumer.cash(account), c.afterwards.cash);
        for (uint256 i; i < c.instruments.length; ++i) {
            assertEq(consumer.position(account, _id(i)), c.afterwards.sizes[i]);
        }
    }

    function _case() private returns (Case memory c) {
        c.scenarios = _random(1, 40);
        uint256 count = _random(1, 5);
        c.instruments = new MarginReference.Instrument[](count);
        c.before.sizes = new int256[](count);
        c.afterwards.sizes = new int256[](count);
        for (uint256 i; i < count; ++i) {
            int64[] memory prices = new int64[](c.scenarios);
            for (uint256 s; s < c.scenarios; ++s) {
                prices[s] = int64(_randomInt(1e12));
            }
            uint64 charge = _random(0, 2) == 0 ? 0 : uint64(_random(0, 1e10));
            c.instruments[i] = MarginReference.Instrument(prices, uint64(_random(0, 1e12)), charge, _random(0, 4) == 0);
            c.before.sizes[i] = _random(0, 3) == 0 ? int256(0) : _randomInt(1e10);
            c.afterwards.sizes[i] = c.before.sizes[i];
        }
        c.before.cash = _randomInt(1e14);
        c.changed = _random(0, count - 1);
        _drawChange(c);
        _drawLimits(c);
        c.hasLeaf = _random(0, 9) != 0;
        c.expired = _random(0, 9) == 0;
    }

    /// @dev A fill near some scenario's price, a closing, cash alone, or anything.
    function _drawChange(Case memory c) private {
        uint256 kind = _random(0, 5);
        int256 size = kind == 0 ? -c.before.sizes[c.changed] : kind == 1 ? int256(0) : _randomInt(1e10);
        int256 price = c.instruments[c.changed].prices[_random(0, c.scenarios - 1)];
        int256 cashChange = kind == 2 ? _randomInt(1e14) : -(size * price) / 1e8 + _randomInt(3);
        c.afterwards.sizes[c.changed] += size;
        c.afterwards.cash = c.before.cash + cashChange;
    }

    /// @dev Each allotment is the loss after the change, give or take a digit, or with room, or before the change.
    function _drawLimits(Case memory c) private {
        c.allotment = new int64[](c.scenarios);
        bool generous = _random(0, 1) == 0;
        for (uint256 s; s < c.scenarios; ++s) {
            uint256 kind = _random(0, 20);
            int256 value = MarginReference.valueE16(kind == 1 ? c.before : c.afterwards, c.instruments, s);
            int256 room = generous ? int256(1) : _randomInt(1);
            if (kind == 2) room = int256(_random(0, 1e12));
            c.allotment[s] = int64(-value / 1e8 + room);
        }
        uint256 gross = MarginReference.grossE16(c.afterwards, c.instruments) / 1e8;
        c.grossLimit = uint128(_random(0, 3) == 0 ? _random(0, gross) : gross + _random(0, 1));
    }

    /// @dev Brings the account to the portfolio before the change, with an allotment that allows it.
    function _open(Case memory c) private {
        Case memory plenty;
        plenty.scenarios = c.scenarios;
        plenty.instruments = new MarginReference.Instrument[](c.instruments.length);
        for (uint256 i; i < c.instruments.length; ++i) {
            MarginReference.Instrument memory instrument = c.instruments[i];
            plenty.instruments[i] =
                MarginReference.Instrument(instrument.prices, instrument.notional, instrument.charge, false);
        }
        plenty.grossLimit = type(uint128).max;
        plenty.allotment = new int64[](c.scenarios);
        for (uint256 s; s < c.scenarios; ++s) {
            plenty.allotment[s] = PLENTY;
        }
        MarginProofs memory proofs = publish(_instrumentLeaves(plenty), _accountLeaves(plenty));
        PortfolioChange[] memory changes = new PortfolioChange[](c.instruments.length + 1);
        for (uint256 i; i < c.instruments.length; ++i) {
            changes[i] = PortfolioChange(account, _id(i), int128(c.before.sizes[i]), 0);
        }
        changes[c.instruments.length] = PortfolioChange(account, _id(0), 0, int128(c.before.cash));
        consumer.change(changes, proofs);
    }

    function _change(Case memory c, MarginProofs memory proofs) private {
        PortfolioChange[] memory changes = new PortfolioChange[](1);
        changes[0] = PortfolioChange(
            account,
            _id(c.changed),
            int128(c.afterwards.sizes[c.changed] - c.before.sizes[c.changed]),
            int128(c.afterwards.cash - c.before.cash)
        );
        consumer.change(changes, proofs);
    }

    function _instrumentLeaves(Case memory c) private pure returns (InstrumentLeaf[] memory leaves) {
        leaves = new InstrumentLeaf[](c.instruments.length);
        for (uint256 i; i < leaves.length; ++i) {
            MarginReference.Instrument memory instrument = c.instruments[i];
            leaves[i] = instrumentLeaf(_id(i), 1, 0, instrument.prices.length);
            (leaves[i].notional, leaves[i].charge) = (instrument.notional, instrument.charge);
            leaves[i].prices = Encodings.pack(instrument.prices);
            if (instrument.onlyShrinks) leaves[i].status = InstrumentStatus.ReduceOnly;
        }
    }

    function _accountLeaves(Case memory c) private view returns (AccountLeaf[] memory leaves) {
        leaves = new AccountLeaf[](1);
        leaves[0] =
            AccountLeaf(account, address(consumer), AccountStatus.Active, c.grossLimit, Encodings.pack(c.allotment));
    }

    function _id(uint256 i) private pure returns (InstrumentId) {
        return InstrumentId.wrap(bytes32((i + 1) << 200));
    }

    function _random(uint256 least, uint256 most) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return least + seed % (most - least + 1);
    }

    function _randomInt(uint256 most) private returns (int256) {
        return int256(_random(0, 2 * most)) - int256(most);
    }
}
