// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MarketLiquidation} from "../../src/MarketLiquidation.sol";
import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, DeleverageLeaf, InstrumentLeaf} from "../../src/types/Leaves.sol";
import {Encodings} from "./Encodings.sol";
import {MarginReference} from "./MarginReference.sol";
import {Merkle} from "./Merkle.sol";
import {TradingHandler} from "./TradingHandler.sol";

/// @title Random trades, auctions, takeovers and deleveraging
/// @dev Two perpetuals. The last account is the backstop, which is never sold itself; whoever of the others is insolvent
/// and first has a queue. What liquidates mostly finds an epoch in which somebody is to be.
contract LiquidationHandler is TradingHandler {
    uint256 private constant BACKSTOP = ACCOUNTS - 1;
    uint64 private constant ALL = 1e18;

    bool public liquidationBeyondAllotment;
    bool public belowTarget;
    bool public equityLeaked;
    uint256 public liquidated;
    uint256 public takenOver;
    uint256 public deleveraged;

    MarketLiquidation private liquidation;

    constructor() TradingHandler(2) {
        liquidation = MarketLiquidation(market.liquidation());
        liquidation.nameBackstop(accounts[BACKSTOP]);
        vm.prank(accounts[BACKSTOP].ownerOf());
        liquidation.acceptBackstop();
        _openPositions();
        publishEpoch(1);
    }

    /// @notice A sale by auction, started first if none is under way, of no more than the target allows unless `tooMuch`.
    function liquidate(uint256 who, uint256 taker, uint64 fraction, uint256 elapsed, bool tooMuch) external {
        Published memory epoch = _epochWith(AccountStatus.Liquidatable, who);
        who = _one(epoch, AccountStatus.Liquidatable, who);
        taker = _one(epoch, AccountStatus.Active, taker);
        try liquidation.startAuction(accounts[who], epoch.proofs) {} catch {}
        vm.warp(vm.getBlockTimestamp() + _bound(elapsed, 0, 30));
        MarginReference.Portfolio[] memory before = _portfolios();
        uint256 gross = MarginReference.grossE16(before[who], epoch.priced);
        uint256 target = uint256(epoch.grossLimits[who]) * 1e8;
        fraction = _fraction(fraction);
        if (!tooMuch && gross > target) fraction = uint64(uint256(fraction) * (gross - target) / gross);
        vm.prank(accounts[taker].ownerOf());
        try liquidation.liquidate(accounts[who], accounts[taker], fraction, 0, epoch.proofs) {
            ++liquidated;
            _compare(epoch, before, ACCOUNTS);
            bool dust = gross <= 1_000e16;
            if (!dust && MarginReference.grossE16(_portfolio(who), epoch.priced) < target) belowTarget = true;
        } catch {
            _checkNothingChanged(before);
        }
    }

    function takeOver(uint256 who, uint64 fraction) external {
        Published memory epoch = _epochWith(AccountStatus.Insolvent, who);
        who = _one(epoch, AccountStatus.Insolvent, who);
        MarginReference.Portfolio[] memory before = _portfolios();
        try liquidation.takeOver(accounts[who], _fraction(fraction), epoch.proofs) {
            ++takenOver;
            _compare(epoch, before, who);
        } catch {
            _checkNothingChanged(before);
        }
    }

    function deleverage(uint256 seed, uint64 fraction) external {
        Published memory epoch = _epochWith(AccountStatus.Insolvent, seed);
        uint256 who = _one(epoch, AccountStatus.Insolvent, 0);
        MarginReference.Portfolio[] memory before = _portfolios();
        try liquidation.deleverage(accounts[who], _fraction(fraction), _queueOf(who), epoch.besides, epoch.proofs) {
            ++deleveraged;
            _compare(epoch, before, who);
        } catch {
            _checkNothingChanged(before);
        }
    }

    function sums() external view returns (int256 cash, int256 btc, int256 eth) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            MarginReference.Portfolio memory portfolio = _portfolio(i);
            cash += portfolio.cash;
            btc += portfolio.sizes[0];
            eth += portfolio.sizes[1];
        }
    }

    function _instrument(uint256 which)
        internal
        override
        returns (InstrumentLeaf memory, MarginReference.Instrument memory)
    {
        return _randomInstrument(_id(which));
    }

    /// @dev Half of the accounts may trade, half of those freely; the rest is to be sold, or owes what others have to bear.
    /// The backstop has room or none.
    function _allot(Published memory epoch, uint256 who, MarginReference.Portfolio memory portfolio) internal override {
        uint256 kind = _random(0, 3);
        if (kind == 0) return super._allot(epoch, who, portfolio);
        epoch.grossLimits[who] = 5_000_000e8;
        epoch.allotments[who] = _around(epoch, portfolio, 0, 2_000_000e8);
        if (who == BACKSTOP) {
            if (kind < 3) epoch.allotments[who] = _around(epoch, portfolio, 20_000e8, 0);
        } else if (kind == 2) {
            epoch.statuses[who] = AccountStatus.Liquidatable;
            uint256 gross = MarginReference.grossE16(portfolio, epoch.priced) / 1e8;
            epoch.grossLimits[who] = uint128(gross * _random(0, 99) / 100);
        } else if (kind == 3) {
            epoch.statuses[who] = AccountStatus.Insolvent;
            // Owed at the base, less a part that others have to bear.
            int256 owed = -MarginReference.valueE16(portfolio, epoch.priced, 0) / 1e8;
            int64 left = int64(owed - int256(_random(0, 20_000e8)));
            for (uint256 s; s < SCENARIOS; ++s) {
                epoch.allotments[who][s] = left;
            }
            epoch.grossLimits[who] = 0;
        }
    }

    /// @dev With a queue for the first insolvent account: everybody else in it.
    function _sign(Published memory epoch, AccountLeaf[] memory accountLeaves) internal override {
        uint256 who = _one(epoch, AccountStatus.Insolvent, 0);
        if (epoch.statuses[who] != AccountStatus.Insolvent) {
            epoch.proofs = publish(epoch.leaves, accountLeaves);
            return;
        }
        _sort(accountLeaves);
        bytes32[] memory leaves = Merkle.append(_hashes(epoch.leaves, accountLeaves), Encodings.hash(_queueOf(who)));
        bool[] memory marked = new bool[](leaves.length);
        for (uint256 i; i + 1 < marked.length; ++i) {
            marked[i] = true;
        }
        epoch.proofs = _proofs(epoch.leaves, accountLeaves, leaves, marked);
        epoch.besides = Merkle.proof(leaves, leaves.length - 1);
        attestations.post(attest(Merkle.root(leaves)));
    }

    function _id(uint256 which) internal pure override returns (InstrumentId) {
        return which == 0 ? BTC : ETH;
    }

    /// @dev Everybody holds something from the start: long and short, hedged and not.
    function _openPositions() private {
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](INSTRUMENTS);
        for (uint256 i; i < INSTRUMENTS; ++i) {
            instruments[i] = instrumentLeaf(_id(i), 1_500e8, 1e8, SCENARIOS);
        }
        AccountLeaf[] memory everybody = new AccountLeaf[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            everybody[i] = accountLeaf(accounts[i], address(market), PLENTY, SCENARIOS);
        }
        MarginProofs memory proofs = publish(instruments, everybody);
        market.trade(one(fillBetween(accounts[0], accounts[1], BTC, 60e8, 1_500e8)), proofs);
        market.trade(one(fillBetween(accounts[1], accounts[2], ETH, 40e8, 1_500e8)), proofs);
        market.trade(one(fillBetween(accounts[BACKSTOP], accounts[0], ETH, 30e8, 1_500e8)), proofs);
        market.trade(one(fillBetween(accounts[2], accounts[BACKSTOP], BTC, 20e8, 1_500e8)), proofs);
    }

    /// @dev Three times of four a new one, where the newest has expired or has no account of that status.
    function _epochWith(AccountStatus status, uint256 seed) private returns (Published memory epoch) {
        epoch = _newest();
        if (seed % 4 == 0 || (!_expired() && epoch.statuses[_one(epoch, status, 0)] == status)) return epoch;
        publishEpoch(seed);
        return _newest();
    }

    function _queueOf(uint256 who) private view returns (DeleverageLeaf memory queue) {
        queue = DeleverageLeaf(accounts[who], address(market), new AccountId[](ACCOUNTS - 1));
        for (uint256 i = 1; i < ACCOUNTS; ++i) {
            queue.queue[i - 1] = accounts[(who + i) % ACCOUNTS];
        }
    }

    /// @dev An account of that status, if there is one, else any.
    function _one(Published memory epoch, AccountStatus status, uint256 from) private pure returns (uint256) {
        from %= ACCOUNTS;
        for (uint256 i; i < ACCOUNTS; ++i) {
            uint256 who = (from + i) % ACCOUNTS;
            if (epoch.statuses[who] == status) return who;
        }
        return from;
    }

    /// @dev Every account in every scenario, and what all are worth at the base without charges.
    /// @param seized The account whose allotment counts although it is insolvent.
    function _compare(Published memory epoch, MarginReference.Portfolio[] memory before, uint256 seized) private {
        int256 gained;
        for (uint256 i; i < ACCOUNTS; ++i) {
            MarginReference.Portfolio memory afterwards = _portfolio(i);
            bool limited = epoch.statuses[i] != AccountStatus.Insolvent || i == seized;
            (MarginReference.Verdict verdict,) = MarginReference.judge(
                before[i],
                afterwards,
                epoch.priced,
                limited ? epoch.allotments[i] : new int64[](0),
                limited ? epoch.grossLimits[i] : 0
            );
            if (verdict != MarginReference.Verdict.Allowed) liquidationBeyondAllotment = true;
            gained += _markE16(epoch, afterwards) - _markE16(epoch, before[i]);
        }
        if (gained != 0) equityLeaked = true;
    }

    function _markE16(Published memory epoch, MarginReference.Portfolio memory portfolio)
        private
        view
        returns (int256 value)
    {
        value = portfolio.cash * 1e8;
        for (uint256 i; i < INSTRUMENTS; ++i) {
            value += portfolio.sizes[i] * epoch.priced[i].prices[0];
        }
    }

    /// @dev All of it, now and then.
    function _fraction(uint64 fraction) private pure returns (uint64) {
        return fraction % 4 == 0 ? ALL : uint64(_bound(fraction, 1, ALL));
    }
}
