// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {Fill} from "../../src/interfaces/IDerivativeMarket.sol";
import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {Order} from "../../src/interfaces/ISignedOrders.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf, InstrumentStatus} from "../../src/types/Leaves.sol";
import {Encodings} from "./Encodings.sol";
import {MarginReference} from "./MarginReference.sol";
import {Merkle} from "./Merkle.sol";
import {Trading} from "./Trading.sol";

/// @title Random trades and settlements among a few accounts, none of which reverts the handler
/// @dev Three instruments: a perpetual, a future, and the future before it, which has settled. What an epoch says is kept
/// in the code of a contract: storage would take most of the time.
contract MarketHandler is Trading {
    uint256 private constant ACCOUNTS = 4;
    uint256 private constant INSTRUMENTS = 3;
    uint256 private constant SETTLED = 1;
    uint256 private constant SCENARIOS = 5;

    struct Published {
        InstrumentLeaf[] leaves;
        MarginReference.Instrument[] priced;
        int64[][] allotments;
        uint128[] grossLimits;
        MarginProofs proofs;
        bytes32[] settlementProof;
    }

    struct Wanted {
        uint256 buyer;
        uint256 seller;
        uint256 which;
        uint256 size;
        uint256 priceBps;
        bool makerBuys;
    }

    struct Change {
        uint256 which;
        int256 size;
        int256 cash;
    }

    bool public passedBeyondAllotment;
    bool public refusedWithinTheRule;
    bool public refusalChangedSomething;
    uint256 public passed;
    uint256 public refused;
    uint256 public settled;

    AccountId[ACCOUNTS] private accounts;
    address private published;
    /// @dev How many futures have settled.
    uint64 private round = 1;
    uint64 private settlementPrice = 1_000e8;
    int64 private settlementFunding;
    uint256 private random;

    constructor() {
        setUpMarket(3, 2);
        for (uint256 i; i < ACCOUNTS; ++i) {
            accounts[i] = newTrader(string.concat("trader ", vm.toString(i)));
        }
        publishEpoch(1);
    }

    function trade(uint256 buyer, uint256 seller, uint256 which, uint128 size, uint256 priceBps, bool makerBuys)
        external
    {
        _trade(Wanted(buyer, seller, which, size, priceBps, makerBuys), true);
    }

    function tradeWithoutLeaves(uint256 buyer, uint256 seller, uint256 which, uint128 size, uint256 priceBps) external {
        _trade(Wanted(buyer, seller, which, size, priceBps, false), false);
    }

    function letExpire() external {
        vm.warp(vm.getBlockTimestamp() + LIFETIME_SECONDS);
    }

    /// @notice Settles one account, or all of them.
    function settle(uint256 who) external {
        who %= ACCOUNTS + 1;
        _settle(who == ACCOUNTS ? _everyone() : _only(who));
    }

    /// @notice The future settles; another one is listed. Whoever is left of the one before is settled first.
    function expireFuture(uint256 seed) external {
        _settle(_everyone());
        ++round;
        random = seed;
        settlementPrice = uint64(_random(1_000e8, 2_000e8));
        settlementFunding = _randomFunding();
        publishEpoch(random);
    }

    /// @notice New prices and funding, and for every account in every scenario an allotment around what it has lost.
    function publishEpoch(uint256 seed) public {
        random = seed;
        Published memory epoch;
        epoch.leaves = new InstrumentLeaf[](INSTRUMENTS);
        epoch.priced = new MarginReference.Instrument[](INSTRUMENTS);
        for (uint256 i; i < INSTRUMENTS; ++i) {
            (epoch.leaves[i], epoch.priced[i]) = i == SETTLED ? _settledFuture() : _randomInstrument(_id(i));
        }
        AccountLeaf[] memory accountLeaves = new AccountLeaf[](ACCOUNTS);
        epoch.allotments = new int64[][](ACCOUNTS);
        epoch.grossLimits = new uint128[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            MarginReference.Portfolio memory portfolio = _portfolio(i);
            int64[] memory losses = new int64[](SCENARIOS);
            for (uint256 s; s < SCENARIOS; ++s) {
                int256 loss = -MarginReference.valueE16(portfolio, epoch.priced, s) / 1e8;
                losses[s] = int64(loss + int256(_random(0, 200_000e8)) - 20_000e8);
            }
            epoch.allotments[i] = losses;
            epoch.grossLimits[i] = uint128(_random(0, 500_000e8));
            accountLeaves[i] = AccountLeaf(
                accounts[i], address(market), AccountStatus.Active, epoch.grossLimits[i], Encodings.pack(losses)
            );
        }
        epoch.proofs = publish(epoch.leaves, accountLeaves);
        epoch.settlementProof = _settlementProof(epoch.proofs);
        published = SSTORE2.write(abi.encode(epoch));
    }

    /// @notice What accounts have over all: sizes of the instruments that trade, and what their cash and what is left of
    /// the settled future are worth together, USD with 16 decimals. A settlement leaves of it less than a last digit of
    /// cash, until the last of them.
    function sums() external view returns (int256 perpetual, int256 future, int256 settling, int256 worthE16) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            MarginReference.Portfolio memory portfolio = _portfolio(i);
            perpetual += portfolio.sizes[0];
            settling += portfolio.sizes[SETTLED];
            future += portfolio.sizes[2];
            worthE16 += portfolio.cash * 1e8;
        }
        worthE16 += settling * (int256(uint256(settlementPrice)) - settlementFunding);
    }

    function _trade(Wanted memory wanted, bool hasLeaves) private {
        Published memory epoch = _newest();
        MarginReference.Portfolio[] memory before = _portfolios();
        if (!hasLeaves) epoch.proofs = withoutAccounts(epoch.proofs);
        if (!hasLeaves || _expired()) {
            // Only what makes nothing worse is allowed.
            (epoch.allotments, epoch.grossLimits) = (new int64[][](ACCOUNTS), new uint128[](ACCOUNTS));
        }
        (Fill memory fill, bool allowed) = _fill(wanted, epoch, before);
        try market.trade(one(fill), epoch.proofs) {
            ++passed;
            if (!allowed) passedBeyondAllotment = true;
        } catch {
            ++refused;
            if (allowed) refusedWithinTheRule = true;
            if (keccak256(abi.encode(_portfolios())) != keccak256(abi.encode(before))) refusalChangedSomething = true;
        }
    }

    /// @return fill Of orders that match.
    /// @return allowed Whether the rule allows what it does to both.
    function _fill(Wanted memory wanted, Published memory epoch, MarginReference.Portfolio[] memory before)
        private
        returns (Fill memory fill, bool allowed)
    {
        uint256 buyer = wanted.buyer % ACCOUNTS;
        uint256 seller = wanted.seller % ACCOUNTS;
        if (seller == buyer) seller = (buyer + 1) % ACCOUNTS;
        uint256 which = wanted.which % INSTRUMENTS;
        int128 size = int128(int256(_bound(wanted.size, 1, 60e8)));
        uint64 price = uint64(epoch.priced[which].notional * _bound(wanted.priceBps, 9_000, 11_000) / 10_000);
        Order memory buy = order(accounts[buyer], _id(which), size, price);
        Order memory sell = order(accounts[seller], _id(which), -size, price);
        fill = wanted.makerBuys ? fillOf(buy, sell, uint128(size)) : fillOf(sell, buy, uint128(size));
        int256 paid = size * (int256(uint256(price)) - epoch.leaves[which].funding) / 1e8;
        Change memory change = Change(which, size, -paid);
        allowed = _allowed(epoch, before[buyer], buyer, change);
        (change.size, change.cash) = (-size, paid);
        allowed = _allowed(epoch, before[seller], seller, change) && allowed;
    }

    function _settle(AccountId[] memory who) private {
        Published memory epoch = _newest();
        market.settle(who, epoch.leaves[SETTLED], epoch.settlementProof);
        ++settled;
    }

    function _allowed(Published memory epoch, MarginReference.Portfolio memory held, uint256 who, Change memory change)
        private
        pure
        returns (bool)
    {
        int256[] memory sizes = new int256[](INSTRUMENTS);
        for (uint256 i; i < INSTRUMENTS; ++i) {
            sizes[i] = i == change.which ? held.sizes[i] + change.size : held.sizes[i];
        }
        (MarginReference.Verdict verdict,) = MarginReference.judge(
            held,
            MarginReference.Portfolio(held.cash + change.cash, sizes),
            epoch.priced,
            epoch.allotments[who],
            epoch.grossLimits[who]
        );
        return verdict == MarginReference.Verdict.Allowed;
    }

    function _expired() private view returns (bool) {
        (,, uint64 expiresAt) = attestations.newest();
        return vm.getBlockTimestamp() >= expiresAt;
    }

    function _randomInstrument(InstrumentId id)
        private
        returns (InstrumentLeaf memory leaf, MarginReference.Instrument memory instrument)
    {
        int64[] memory prices = new int64[](SCENARIOS);
        uint64 mark = uint64(_random(1_000e8, 2_000e8));
        for (uint256 s; s < SCENARIOS; ++s) {
            prices[s] = int64(int256(uint256(mark) * _random(7_000, 13_000) / 10_000));
        }
        uint64 charge = uint64(_random(0, 1e8));
        InstrumentStatus status = _random(0, 3) == 0 ? InstrumentStatus.ReduceOnly : InstrumentStatus.Active;
        instrument = MarginReference.Instrument(prices, mark, charge, status != InstrumentStatus.Active);
        leaf = InstrumentLeaf(id, status, mark, mark, charge, 0, _randomFunding(), 10_000, Encodings.pack(prices));
    }

    function _settledFuture()
        private
        view
        returns (InstrumentLeaf memory leaf, MarginReference.Instrument memory instrument)
    {
        int64[] memory prices = new int64[](SCENARIOS);
        for (uint256 s; s < SCENARIOS; ++s) {
            prices[s] = int64(settlementPrice) - settlementFunding;
        }
        (uint64 price, bytes memory packed) = (settlementPrice, Encodings.pack(prices));
        instrument = MarginReference.Instrument(prices, price, 0, true);
        leaf = InstrumentLeaf(
            _id(SETTLED), InstrumentStatus.Settled, price, price, 0, price, settlementFunding, 10_000, packed
        );
    }

    /// @param all Of every leaf of the tree.
    function _settlementProof(MarginProofs memory all) private pure returns (bytes32[] memory) {
        bytes32[] memory leaves = new bytes32[](INSTRUMENTS + ACCOUNTS);
        for (uint256 i; i < leaves.length; ++i) {
            leaves[i] =
                i < INSTRUMENTS ? Encodings.hash(all.instruments[i]) : Encodings.hash(all.accounts[i - INSTRUMENTS]);
        }
        return Merkle.proof(leaves, SETTLED);
    }

    function _newest() private view returns (Published memory) {
        return abi.decode(SSTORE2.read(published), (Published));
    }

    function _portfolio(uint256 who) private view returns (MarginReference.Portfolio memory portfolio) {
        portfolio.cash = market.cash(accounts[who]);
        portfolio.sizes = new int256[](INSTRUMENTS);
        for (uint256 i; i < INSTRUMENTS; ++i) {
            portfolio.sizes[i] = market.position(accounts[who], _id(i));
        }
    }

    function _portfolios() private view returns (MarginReference.Portfolio[] memory all) {
        all = new MarginReference.Portfolio[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            all[i] = _portfolio(i);
        }
    }

    function _everyone() private view returns (AccountId[] memory all) {
        all = new AccountId[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            all[i] = accounts[i];
        }
    }

    function _only(uint256 who) private view returns (AccountId[] memory one_) {
        one_ = new AccountId[](1);
        one_[0] = accounts[who];
    }

    /// @dev Ascending: the perpetual, the future that has settled, the one that trades.
    function _id(uint256 which) private view returns (InstrumentId) {
        if (which == 0) return BTC;
        return InstrumentId.wrap(bytes32(uint256(bytes32("ETH-FUTURE")) + round + which));
    }

    function _randomFunding() private returns (int64) {
        return int64(int256(_random(0, 40e8))) - 20e8;
    }

    function _random(uint256 least, uint256 most) private returns (uint256) {
        random = uint256(keccak256(abi.encode(random)));
        return least + random % (most - least + 1);
    }
}
