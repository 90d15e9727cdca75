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
import {Trading} from "./Trading.sol";

/// @title Random trades among a few accounts, epoch after epoch, none of which reverts the handler
/// @dev What an epoch says is kept in the code of a contract: storage would take most of the time.
abstract contract TradingHandler is Trading {
    uint256 internal constant ACCOUNTS = 4;
    uint256 internal constant SCENARIOS = 5;

    /// @param proofs Of all accounts and instruments.
    /// @param besides The way of one more leaf to the root, where the handler needs one.
    struct Published {
        InstrumentLeaf[] leaves;
        MarginReference.Instrument[] priced;
        int64[][] allotments;
        uint128[] grossLimits;
        AccountStatus[] statuses;
        MarginProofs proofs;
        bytes32[] besides;
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

    AccountId[ACCOUNTS] internal accounts;
    uint256 internal immutable INSTRUMENTS;
    address private published;
    uint256 internal random;

    constructor(uint256 instruments) {
        INSTRUMENTS = instruments;
        setUpMarket(3, 2);
        for (uint256 i; i < ACCOUNTS; ++i) {
            accounts[i] = newTrader(string.concat("trader ", vm.toString(i)));
        }
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

    /// @notice New prices and funding, and for every account in every scenario an allotment around what it has lost.
    function publishEpoch(uint256 seed) public {
        random = seed;
        Published memory epoch;
        epoch.leaves = new InstrumentLeaf[](INSTRUMENTS);
        epoch.priced = new MarginReference.Instrument[](INSTRUMENTS);
        for (uint256 i; i < INSTRUMENTS; ++i) {
            (epoch.leaves[i], epoch.priced[i]) = _instrument(i);
        }
        AccountLeaf[] memory accountLeaves = new AccountLeaf[](ACCOUNTS);
        epoch.allotments = new int64[][](ACCOUNTS);
        epoch.grossLimits = new uint128[](ACCOUNTS);
        epoch.statuses = new AccountStatus[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            _allot(epoch, i, _portfolio(i));
            accountLeaves[i] = AccountLeaf(
                accounts[i],
                address(market),
                epoch.statuses[i],
                epoch.grossLimits[i],
                Encodings.pack(epoch.allotments[i])
            );
        }
        _sign(epoch, accountLeaves);
        published = SSTORE2.write(abi.encode(epoch));
    }

    /// @dev One instrument of the next epoch.
    function _instrument(uint256 which)
        internal
        virtual
        returns (InstrumentLeaf memory leaf, MarginReference.Instrument memory instrument);

    /// @dev What the next epoch says of one account.
    function _allot(Published memory epoch, uint256 who, MarginReference.Portfolio memory portfolio) internal virtual {
        epoch.allotments[who] = _around(epoch, portfolio, 20_000e8, 180_000e8);
        epoch.grossLimits[who] = uint128(_random(0, 500_000e8));
    }

    /// @dev Has the epoch signed and posted, with its proofs.
    function _sign(Published memory epoch, AccountLeaf[] memory accountLeaves) internal virtual;

    /// @dev Ascending.
    function _id(uint256 which) internal view virtual returns (InstrumentId);

    function _trade(Wanted memory wanted, bool hasLeaves) private {
        Published memory epoch = _newest();
        MarginReference.Portfolio[] memory before = _portfolios();
        if (!hasLeaves) epoch.proofs = withoutAccounts(epoch.proofs);
        bool lapsed = !hasLeaves || _expired();
        for (uint256 i; i < ACCOUNTS; ++i) {
            if (!lapsed && epoch.statuses[i] != AccountStatus.Insolvent) continue;
            // Only what makes nothing worse is allowed.
            (epoch.allotments[i], epoch.grossLimits[i]) = (new int64[](0), 0);
        }
        (Fill memory fill, bool allowed) = _fill(wanted, epoch, before);
        try market.trade(one(fill), epoch.proofs) {
            ++passed;
            if (!allowed) passedBeyondAllotment = true;
        } catch {
            ++refused;
            if (allowed) refusedWithinTheRule = true;
            _checkNothingChanged(before);
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

    function _allowed(Published memory epoch, MarginReference.Portfolio memory held, uint256 who, Change memory change)
        private
        view
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

    /// @dev In every scenario what the portfolio loses, and from `less` less to `more` more than that.
    function _around(Published memory epoch, MarginReference.Portfolio memory portfolio, uint256 less, uint256 more)
        internal
        returns (int64[] memory losses)
    {
        losses = new int64[](SCENARIOS);
        for (uint256 s; s < SCENARIOS; ++s) {
            int256 loss = -MarginReference.valueE16(portfolio, epoch.priced, s) / 1e8;
            losses[s] = int64(loss + int256(_random(0, less + more)) - int256(less));
        }
    }

    function _randomInstrument(InstrumentId id)
        internal
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

    function _randomFunding() internal returns (int64) {
        return int64(int256(_random(0, 40e8))) - 20e8;
    }

    function _random(uint256 least, uint256 most) internal returns (uint256) {
        random = uint256(keccak256(abi.encode(random)));
        return least + random % (most - least + 1);
    }

    function _newest() internal view returns (Published memory) {
        return abi.decode(SSTORE2.read(published), (Published));
    }

    function _expired() internal view returns (bool) {
        (,, uint64 expiresAt) = attestations.newest();
        return vm.getBlockTimestamp() >= expiresAt;
    }

    function _checkNothingChanged(MarginReference.Portfolio[] memory before) internal {
        if (keccak256(abi.encode(_portfolios())) != keccak256(abi.encode(before))) refusalChangedSomething = true;
    }

    function _portfolio(uint256 who) internal view returns (MarginReference.Portfolio memory portfolio) {
        (int128 cash, InstrumentId[] memory held, int128[] memory sizes) = market.portfolioOf(accounts[who]);
        portfolio.cash = cash;
        portfolio.sizes = new int256[](INSTRUMENTS);
        for (uint256 i; i < held.length; ++i) {
            uint256 which;
            while (InstrumentId.unwrap(_id(which)) != InstrumentId.unwrap(held[i])) ++which;
            portfolio.sizes[which] = sizes[i];
        }
    }

    function _portfolios() internal view returns (MarginReference.Portfolio[] memory all) {
        all = new MarginReference.Portfolio[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            all[i] = _portfolio(i);
        }
    }
}
