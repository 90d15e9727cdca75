// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Fill} from "../../src/interfaces/IDerivativeMarket.sol";
import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, DeleverageLeaf, InstrumentLeaf, InstrumentStatus} from "../../src/types/Leaves.sol";
import {MarketLiquidation} from "../../src/MarketLiquidation.sol";
import {Encodings} from "./Encodings.sol";
import {MarginReference} from "./MarginReference.sol";
import {Merkle} from "./Merkle.sol";
import {Trading} from "./Trading.sol";

/// @title Random trades, auctions, takeovers and deleveraging among a few accounts, none of which reverts the handler
contract LiquidationHandler is Trading {
    uint256 private constant ACCOUNTS = 4;
    uint256 private constant SCENARIOS = 5;

    bool public passedBeyondAllotment;
    bool public refusedWithinTheRule;
    bool public refusalChangedSomething;
    uint256 public passed;
    uint256 public refused;
    bool public liquidationBeyondAllotment;
    bool public belowTarget;
    bool public equityLeaked;
    uint256 public liquidated;
    uint256 public takenOver;
    uint256 public deleveraged;

    AccountId[ACCOUNTS] private accounts;
    int64[][ACCOUNTS] private allotments;
    uint128[ACCOUNTS] private grossLimits;
    AccountStatus[ACCOUNTS] private statuses;
    MarketLiquidation private liquidation;
    bytes private encodedQueue;
    bytes32[] private queueProof;
    MarginReference.Instrument[] private priced;
    int64[2] private fundings;
    InstrumentLeaf[] private instrumentLeaves;
    AccountLeaf[] private accountLeaves;
    bytes private encodedProofs;
    uint256 private random;

    constructor() {
        setUpMarket(3, 2);
        for (uint256 i; i < ACCOUNTS; ++i) {
            accounts[i] = newTrader(string.concat("trader ", vm.toString(i)));
        }
        liquidation = MarketLiquidation(market.liquidation());
        liquidation.nameBackstop(accounts[ACCOUNTS - 1]);
        vm.prank(accounts[ACCOUNTS - 1].ownerOf());
        liquidation.acceptBackstop();
        publishEpoch(1);
    }

    /// @notice A sale by auction, started first if none is under way.
    function liquidate(uint256 who, uint256 taker, uint64 fraction, uint256 elapsed) external {
        who = _one(AccountStatus.Liquidatable, who);
        taker %= ACCOUNTS;
        MarginProofs memory proofs = abi.decode(encodedProofs, (MarginProofs));
        try liquidation.startAuction(accounts[who], proofs) {} catch {}
        vm.warp(vm.getBlockTimestamp() + bound(elapsed, 0, 60));
        MarginReference.Portfolio[] memory before = _portfolios();
        vm.prank(accounts[taker].ownerOf());
        try liquidation.liquidate(accounts[who], accounts[taker], _fraction(fraction), 0, proofs) {
            ++liquidated;
            _compare(before, ACCOUNTS);
            bool dust = MarginReference.grossE16(before[who], priced) <= 1_000e16;
            uint256 left = MarginReference.grossE16(_portfolio(who), priced);
            if (!dust && left < uint256(grossLimits[who]) * 1e8) belowTarget = true;
        } catch {
            if (_digest(before) != _digest(_portfolios())) refusalChangedSomething = true;
        }
    }

    function takeOver(uint256 who, uint64 fraction) external {
        who = _one(AccountStatus.Insolvent, who);
        MarginReference.Portfolio[] memory before = _portfolios();
        MarginProofs memory proofs = abi.decode(encodedProofs, (MarginProofs));
        try liquidation.takeOver(accounts[who], _fraction(fraction), proofs) {
            ++takenOver;
            _compare(before, who);
        } catch {
            if (_digest(before) != _digest(_portfolios())) refusalChangedSomething = true;
        }
    }

    /// @dev Of the first insolvent account, which has a queue.
    function deleverage(uint64 fraction) external {
        if (encodedQueue.length == 0) return;
        DeleverageLeaf memory queue = abi.decode(encodedQueue, (DeleverageLeaf));
        MarginReference.Portfolio[] memory before = _portfolios();
        MarginProofs memory proofs = abi.decode(encodedProofs, (MarginProofs));
        try liquidation.deleverage(queue.account, _fraction(fraction), queue, queueProof, proofs) {
            ++deleveraged;
            _compare(before, _insolvent());
        } catch {
            if (_digest(before) != _digest(_portfolios())) refusalChangedSomething = true;
        }
    }

    function trade(uint256 buyer, uint256 seller, bool eth, uint128 size, uint256 priceBps, bool makerBuys) external {
        MarginProofs memory proofs = abi.decode(encodedProofs, (MarginProofs));
        _trade(buyer, seller, eth, size, priceBps, makerBuys, proofs);
    }

    function tradeWithoutLeaves(uint256 buyer, uint256 seller, bool eth, uint128 size, uint256 priceBps) external {
        MarginProofs memory proofs = abi.decode(encodedProofs, (MarginProofs));
        proofs = withoutAccounts(proofs);
        _trade(buyer, seller, eth, size, priceBps, false, proofs);
    }

    function letExpire() external {
        vm.warp(vm.getBlockTimestamp() + LIFETIME_SECONDS);
    }

    /// @notice New prices, and for every account in every scenario an allotment around what it has lost.
    function publishEpoch(uint256 seed) public {
        random = seed;
        delete priced;
        delete instrumentLeaves;
        delete accountLeaves;
        for (uint256 i; i < 2; ++i) {
            int64[] memory prices = new int64[](SCENARIOS);
            uint64 mark = uint64(_random(1_000e8, 2_000e8));
            for (uint256 s; s < SCENARIOS; ++s) {
                prices[s] = int64(int256(uint256(mark) * _random(7_000, 13_000) / 10_000));
            }
            uint64 charge = uint64(_random(0, 1e8));
            InstrumentStatus status = _random(0, 3) == 0 ? InstrumentStatus.ReduceOnly : InstrumentStatus.Active;
            int64 funding = int64(int256(_random(0, 40e8))) - 20e8;
            priced.push(MarginReference.Instrument(prices, mark, charge, status != InstrumentStatus.Active));
            fundings[i] = funding;
            instrumentLeaves.push(
                InstrumentLeaf(_id(i == 1), status, mark, mark, charge, 0, funding, 10_000, Encodings.pack(prices))
            );
        }
        for (uint256 i; i < ACCOUNTS; ++i) {
            MarginReference.Portfolio memory portfolio = _portfolio(i);
            int64[] memory losses = new int64[](SCENARIOS);
            for (uint256 s; s < SCENARIOS; ++s) {
                int256 loss = -MarginReference.valueE16(portfolio, priced, s) / 1e8;
                losses[s] = int64(loss + int256(_random(0, 200_000e8)) - 20_000e8);
            }
            allotments[i] = losses;
            grossLimits[i] = uint128(_random(0, 500_000e8));
            statuses[i] = AccountStatus(_random(0, 5) % 4);
            if (statuses[i] == AccountStatus.Insolvent) {
                // Owed at the base, less a part that others have to bear.
                int64 left = int64(-MarginReference.valueE16(portfolio, priced, 0) / 1e8 - int256(_random(0, 20_000e8)));
                for (uint256 s; s < SCENARIOS; ++s) {
                    allotments[i][s] = left;
                }
            } else if (statuses[i] == AccountStatus.Liquidatable) {
                grossLimits[i] = uint128(MarginReference.grossE16(portfolio, priced) / 1e8 * _random(0, 100) / 100);
            }
            accountLeaves.push(
                AccountLeaf(accounts[i], address(market), statuses[i], grossLimits[i], Encodings.pack(allotments[i]))
            );
        }
        _publish();
    }

    function sums() external view returns (int256 cash, int256 btc, int256 eth) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            cash += market.cash(accounts[i]);
            btc += market.position(accounts[i], BTC);
            eth += market.position(accounts[i], ETH);
        }
    }

    function _trade(
        uint256 buyer,
        uint256 seller,
        bool eth,
        uint128 size,
        uint256 priceBps,
        bool makerBuys,
        MarginProofs memory proofs
    ) private {
        buyer %= ACCOUNTS;
        seller = seller % ACCOUNTS == buyer ? (buyer + 1) % ACCOUNTS : seller % ACCOUNTS;
        size = uint128(bound(size, 1, 60e8));
        uint64 price = uint64(priced[eth ? 1 : 0].notional * bound(priceBps, 9_000, 11_000) / 10_000);
        Fill memory fill = fillBetween(
            accounts[makerBuys ? seller : buyer], accounts[makerBuys ? buyer : seller], _id(eth), size, price
        );
        if (makerBuys) {
            // The same trade with the sides' roles exchanged.
            fill.maker.size = int128(size);
            fill.taker.size = -int128(size);
            fill.makerSignature = sign(fill.maker);
            fill.takerSignature = sign(fill.taker);
        }
        bool hasLeaves = proofs.accounts.length > 0;
        int256 paid = int256(uint256(size)) * (int256(uint256(price)) - fundings[eth ? 1 : 0]) / 1e8;
        bool allowed = _allowed(buyer, eth, int128(size), -paid, hasLeaves)
            && _allowed(seller, eth, -int128(size), paid, hasLeaves);
        bytes32 before = _state();
        try market.trade(one(fill), proofs) {
            ++passed;
            if (!allowed) passedBeyondAllotment = true;
        } catch {
            ++refused;
            if (allowed) refusedWithinTheRule = true;
            if (_state() != before) refusalChangedSomething = true;
        }
    }

    function _allowed(uint256 who, bool eth, int256 sizeChange, int256 cashChange, bool hasLeaf)
        private
        view
        returns (bool)
    {
        (,, uint64 expiresAt) = attestations.newest();
        bool limited = hasLeaf && vm.getBlockTimestamp() < expiresAt && statuses[who] != AccountStatus.Insolvent;
        MarginReference.Portfolio memory afterwards = _portfolio(who);
        afterwards.sizes[eth ? 1 : 0] += sizeChange;
        afterwards.cash += cashChange;
        (MarginReference.Verdict verdict,) = MarginReference.judge(
            _portfolio(who),
            afterwards,
            priced,
            limited ? allotments[who] : new int64[](0),
            limited ? grossLimits[who] : 0
        );
        return verdict == MarginReference.Verdict.Allowed;
    }

    function _portfolio(uint256 who) private view returns (MarginReference.Portfolio memory portfolio) {
        portfolio.cash = market.cash(accounts[who]);
        portfolio.sizes = new int256[](2);
        portfolio.sizes[0] = market.position(accounts[who], BTC);
        portfolio.sizes[1] = market.position(accounts[who], ETH);
    }

    /// @dev With a queue for the first insolvent account: everybody else in it.
    function _publish() private {
        AccountLeaf[] memory sorted = accountLeaves;
        _sort(sorted);
        bytes32[] memory leaves = _hashes(instrumentLeaves, sorted);
        uint256 proven = leaves.length;
        delete encodedQueue;
        uint256 who = _insolvent();
        if (who < ACCOUNTS) {
            DeleverageLeaf memory queue = DeleverageLeaf(accounts[who], address(market), new AccountId[](ACCOUNTS - 1));
            for (uint256 i = 1; i < ACCOUNTS; ++i) {
                queue.queue[i - 1] = accounts[(who + i) % ACCOUNTS];
            }
            encodedQueue = abi.encode(queue);
            leaves = Merkle.append(leaves, Encodings.hash(queue));
            queueProof = Merkle.proof(leaves, proven);
        }
        bool[] memory marked = new bool[](leaves.length);
        for (uint256 i; i < proven; ++i) {
            marked[i] = true;
        }
        encodedProofs = abi.encode(_proofs(instrumentLeaves, sorted, leaves, marked));
        attestations.post(attest(Merkle.root(leaves)));
    }

    /// @dev An account of that status, if there is one, else any.
    function _one(AccountStatus status, uint256 from) private view returns (uint256) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            if (statuses[addmod(from, i, ACCOUNTS)] == status) return addmod(from, i, ACCOUNTS);
        }
        return from % ACCOUNTS;
    }

    function _insolvent() private view returns (uint256 who) {
        while (who < ACCOUNTS && statuses[who] != AccountStatus.Insolvent) ++who;
    }

    /// @dev Every account in every scenario, and what all are worth at the base without charges.
    /// @param seized The account whose allotment counts although it is insolvent.
    function _compare(MarginReference.Portfolio[] memory before, uint256 seized) private {
        int256 gained;
        for (uint256 i; i < ACCOUNTS; ++i) {
            MarginReference.Portfolio memory afterwards = _portfolio(i);
            bool limited = statuses[i] != AccountStatus.Insolvent || i == seized;
            (MarginReference.Verdict verdict,) = MarginReference.judge(
                before[i], afterwards, priced, limited ? allotments[i] : new int64[](0), limited ? grossLimits[i] : 0
            );
            if (verdict != MarginReference.Verdict.Allowed) liquidationBeyondAllotment = true;
            gained += _markE16(afterwards) - _markE16(before[i]);
        }
        if (gained != 0) equityLeaked = true;
    }

    function _markE16(MarginReference.Portfolio memory portfolio) private view returns (int256 value) {
        value = portfolio.cash * 1e8;
        for (uint256 i; i < 2; ++i) {
            value += portfolio.sizes[i] * priced[i].prices[0];
        }
    }

    function _portfolios() private view returns (MarginReference.Portfolio[] memory all) {
        all = new MarginReference.Portfolio[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            all[i] = _portfolio(i);
        }
    }

    function _digest(MarginReference.Portfolio[] memory all) private pure returns (bytes32) {
        return keccak256(abi.encode(all));
    }

    /// @dev All of it, now and then.
    function _fraction(uint64 fraction) private pure returns (uint64) {
        return fraction % 4 == 0 ? 1e18 : uint64(bound(fraction, 1, 1e18));
    }

    function _state() private view returns (bytes32) {
        return _digest(_portfolios());
    }

    function _id(bool eth) private pure returns (InstrumentId) {
        return eth ? ETH : BTC;
    }

    function _random(uint256 least, uint256 most) private returns (uint256) {
        random = uint256(keccak256(abi.encode(random)));
        return least + random % (most - least + 1);
    }
}
