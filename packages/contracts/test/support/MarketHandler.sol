// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Fill} from "../../src/interfaces/IDerivativeMarket.sol";
import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf, InstrumentStatus} from "../../src/types/Leaves.sol";
import {Encodings} from "./Encodings.sol";
import {MarginReference} from "./MarginReference.sol";
import {Trading} from "./Trading.sol";

/// @title Random trades among a few accounts, none of which reverts the handler
contract MarketHandler is Trading {
    uint256 private constant ACCOUNTS = 4;
    uint256 private constant SCENARIOS = 5;

    bool public passedBeyondAllotment;
    bool public refusedWithinTheRule;
    bool public refusalChangedSomething;
    uint256 public passed;
    uint256 public refused;

    AccountId[ACCOUNTS] private accounts;
    int64[][ACCOUNTS] private allotments;
    uint128[ACCOUNTS] private grossLimits;
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
        publishEpoch(1);
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
            accountLeaves.push(
                AccountLeaf(accounts[i], address(market), AccountStatus.Active, grossLimits[i], Encodings.pack(losses))
            );
        }
        encodedProofs = abi.encode(publish(instrumentLeaves, accountLeaves));
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
        bool limited = hasLeaf && vm.getBlockTimestamp() < expiresAt;
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

    function _state() private view returns (bytes32 state) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            state = keccak256(abi.encode(state, _portfolio(i)));
        }
    }

    function _id(bool eth) private pure returns (InstrumentId) {
        return eth ? ETH : BTC;
    }

    function _random(uint256 least, uint256 most) private returns (uint256) {
        random = uint256(keccak256(abi.encode(random)));
        return least + random % (most - least + 1);
    }
}
